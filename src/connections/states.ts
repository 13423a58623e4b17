import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import type { Principal } from '../people/principal.ts';
import { ROLES } from '../people/principal.ts';
import type { Store } from '../store/store.ts';

export type ConnectKind = 'tiktok-shop' | 'amazon';

/** What somebody set out to do. */
export type Undertaking = { principal: Principal; wish: Readonly<Record<string, string>> };

export type Begun = {
  /** Goes to the other side and comes back; nothing here can be turned into it again. */
  state: string;
  /** For a cookie of the browser that began it; null where no browser did. */
  browserKey: string | null;
};

/** `unknown`: never given out, used already, too old, or given out for something else. */
export type Taken =
  | { ok: true; undertaking: Undertaking }
  | { ok: false; problem: 'unknown' | 'other_browser' };

export type ConnectStates = {
  begin(kind: ConnectKind, undertaking: Undertaking, options: { isBrowser: boolean }): Promise<Begun>;
  /** Spends a state, whatever comes of it. */
  take(kind: ConnectKind, state: string, browserKey: string | null): Promise<Taken>;
};

export const STATE_LIFE_MS = 15 * 60_000;
const SECRET_BYTES = 32;

const Detail: z.ZodType<Undertaking> = z.object({
  principal: z.object({
    name: z.string(),
    userId: z.string().nullable(),
    role: z.enum(ROLES),
    shopIds: z.array(z.string()).nullable(),
  }),
  wish: z.record(z.string(), z.string()),
});

const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');
/** A plain hash: what is hashed is random, and as long as the hash. */
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** The `state` of an authorisation: random, for one use within 15 minutes, and bound to who began it. */
export const createConnectStates = (store: Pick<Store, 'connect'>, clock: Clock): ConnectStates => ({
  async begin(kind, { principal, wish }, { isBrowser }) {
    const state = newSecret();
    const browserKey = isBrowser ? newSecret() : null;
    const nowMs = clock.nowMs();
    await store.connect.addState(
      {
        stateHash: hashOf(state),
        kind,
        browserHash: browserKey === null ? null : hashOf(browserKey),
        detail: JSON.stringify({ principal, wish }),
        expiresAtMs: nowMs + STATE_LIFE_MS,
      },
      nowMs,
    );
    return { state, browserKey };
  },
  async take(kind, state, browserKey) {
    const row = await store.connect.takeState(hashOf(state), clock.nowMs());
    if (row?.kind !== kind) return { ok: false, problem: 'unknown' };
    if (row.browserHash !== null && row.browserHash !== hashOf(browserKey ?? ''))
      return { ok: false, problem: 'other_browser' };
    return { ok: true, undertaking: Detail.parse(JSON.parse(row.detail)) };
  },
});
