import type { Clock } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';
import type { Principal } from './principal.ts';
import type { AuditEntry } from './records.ts';

/** Something somebody does. No field holds personal data of a buyer or a secret. */
export type Deed = {
  principal: Pick<Principal, 'name' | 'userId'>;
  /** `<thing>.<verb>`, such as `order.retry`. */
  action: string;
  target?: string | null;
  shopId?: string | null;
  detail?: string | null;
};

/**
 * The log of what people did. An entry is written before the change it tells of, or in one transaction with it: where
 * the log cannot be written the change is refused. An entry thus says what was asked for; whether an order followed is
 * in its timeline.
 */
export type Audit = {
  /** Throws `StoreUnavailable`: then the deed must not be done. */
  record(deed: Deed): Promise<void>;
  /** For a change that commits its entry itself. */
  entry(deed: Deed): AuditEntry;
};

const MOST_CHARACTERS = 500;
const cut = (text: string | null | undefined): string | null => text?.slice(0, MOST_CHARACTERS) ?? null;

export const createAudit = ({ store, clock }: { store: Pick<Store, 'audit'>; clock: Clock }): Audit => {
  const entry = ({ principal, action, target, shopId, detail }: Deed): AuditEntry => ({
    atMs: clock.nowMs(),
    who: principal.name,
    userId: principal.userId,
    action,
    target: cut(target),
    shopId: shopId ?? null,
    detail: cut(detail),
  });
  return { entry, record: (deed) => store.audit.record(entry(deed)) };
};
