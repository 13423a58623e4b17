import type { Principal } from '../people/principal.ts';

/** What is written down of a change: who, what, and to what. Never a token or a code. */
export type AuditEntry = {
  principal: Principal;
  action: string;
  target: string;
  shopId: string | null;
  detail: string;
};

/** Writes it down before the change is made; throws when it cannot. */
export type RecordAudit = (entry: AuditEntry) => Promise<void>;

/** What the running service has to hear of. */
export type Running = {
  /** Shops or Amazon accounts are others than before; what waits for that is woken. */
  changed(): Promise<void>;
  /** The tokens of an authorisation are others, or gone. */
  forgetAuthorization(authorization: string): void;
  /** The refresh token of an Amazon account is another one, or gone. */
  forgetAccount(accountId: string): void;
};
