import { z } from 'zod';
import type { GrantedShop } from '../channels/authorizer.ts';
import { secondsToMs } from '../lib/clock.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { AuthorisationNotice, ShopRow, Store } from '../store/store.ts';
import { type DisconnectDeps, disconnectShop } from './disconnect.ts';
import type { Grants } from './grants.ts';

export type AuthorisationDeps = DisconnectDeps & {
  store: Pick<Store, 'shops' | 'tokens' | 'connect' | 'cursors'>;
  grants: Pick<Grants, 'finish'>;
  /** Renews the tokens of an authorisation if it is time. Throws `UpstreamError`. */
  keepFresh(authorization: string): Promise<void>;
  /** The shops that it acts for, as the channel says now. Throws `UpstreamError`. */
  shopsOf(authorization: string): Promise<GrantedShop[]>;
  onError(error: unknown, shopId?: string): void;
};

export type Authorisations = {
  /** Renews what is due, shows until when each is good, and acts on notices. Never throws. */
  keep(): Promise<void>;
  /** Acts on notices alone. Never throws. */
  readNotices(): Promise<void>;
};

const WITHDRAWN = 6;
const EXPIRES_SOON = 7;
const POSITION = 'connect/notices';
const NOTICES_AT_ONCE = 100;
/** The notice may come before the channel's other servers know of it: until then it is asked about again. */
const DOUBT_MS = 3_600_000;
/** Signature, path, method, version or address of ours: that says nothing about the seller's authorisation. */
const OUR_FAULT = new Set(['106001', '36009009', '36009010', '36009014', '36009033']);
/** How a read without authorisation ends; which of its codes TikTok takes is not documented. */
const REFUSALS = new Set(['upstream_auth_refused', 'upstream_config_refused']);

const ExpiryBody = z.object({
  data: z.object({ expiration_time: z.union([z.number(), z.string().regex(/^\d{9,12}$/)]) }),
});

/** When a notice of topic 7 says that the authorisation ends; null when it does not say it. */
export const expiryIn = (body: string | null): number | null => {
  try {
    const parsed = ExpiryBody.safeParse(JSON.parse(body ?? ''));
    return parsed.success ? secondsToMs(Number(parsed.data.data.expiration_time)) : null;
  } catch {
    return null;
  }
};

const isRefusedForGood = (error: unknown): boolean =>
  error instanceof UpstreamError && REFUSALS.has(error.code) && !OUR_FAULT.has(error.remoteCode ?? '');

/** What the channel itself says now; null when it could not be asked. */
const stillActsFor = async (deps: AuthorisationDeps, shop: ShopRow): Promise<boolean | null> => {
  try {
    const shops = await deps.shopsOf(shop.authorization);
    return shops.some(({ shopId }) => shopId === shop.shopId);
  } catch (error) {
    if (isRefusedForGood(error)) return false;
    deps.onError(error, shop.shopId);
    return null;
  }
};

/** True when nothing is left to be done about the notice. */
const settle = async (deps: AuthorisationDeps, notice: AuthorisationNotice): Promise<boolean> => {
  const { store, clock } = deps;
  const shop = await store.shops.find(notice.shopId);
  if (shop === null || shop.stoppedAtMs !== null) return true;
  // The seller authorised again since.
  if (shop.connectedAtMs !== null && shop.connectedAtMs > notice.receivedAtMs) return true;
  if (notice.type === EXPIRES_SOON) {
    const pair = await store.tokens.load(shop.authorization);
    const authorizationExpiresAtMs = pair?.refreshExpiresAtMs ?? expiryIn(notice.body);
    if (authorizationExpiresAtMs !== null)
      await store.shops.change(shop.shopId, { authorizationExpiresAtMs });
    return true;
  }
  if (notice.type !== WITHDRAWN) return true;
  const acts = await stillActsFor(deps, shop);
  if (acts === false) await disconnectShop(deps, shop);
  return acts === false || clock.nowMs() - notice.receivedAtMs > DOUBT_MS;
};

const readNotices = async (deps: AuthorisationDeps): Promise<void> => {
  const { cursors, connect } = deps.store;
  let position = Number((await cursors.get(POSITION)) ?? '0');
  let isInOrder = true;
  const notices = await connect.notices(position, NOTICES_AT_ONCE);
  for (const notice of notices) {
    const isSettled = await settle(deps, notice);
    isInOrder &&= isSettled;
    if (isInOrder) position = notice.id;
  }
  if (notices.length > 0) await cursors.set(POSITION, String(position));
};

/** Asking for the token renews it when it is due; what the pair then says is shown with the shops. */
const renew = async (deps: AuthorisationDeps): Promise<void> => {
  const { store } = deps;
  const rows = await store.shops.all();
  const live = rows.filter(({ stoppedAtMs }) => stoppedAtMs === null);
  for (const [authorization, shops] of Map.groupBy(live, (row) => row.authorization)) {
    try {
      await deps.keepFresh(authorization);
    } catch (error) {
      deps.onError(error, shops[0]?.shopId);
    }
    const expiresAtMs = (await store.tokens.load(authorization))?.refreshExpiresAtMs ?? null;
    if (expiresAtMs === null) continue;
    for (const { shopId, authorizationExpiresAtMs } of shops)
      if (authorizationExpiresAtMs !== expiresAtMs)
        await store.shops.change(shopId, { authorizationExpiresAtMs: expiresAtMs });
  }
};

/** What keeps authorisations alive, and ends those that sellers withdrew. */
export const createAuthorisations = (deps: AuthorisationDeps): Authorisations => {
  let reading: Promise<void> | null = null;

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      deps.onError(error);
    }
  };

  const noticesOnce = (): Promise<void> => {
    reading ??= attempt(() => readNotices(deps)).finally(() => {
      reading = null;
    });
    return reading;
  };

  return {
    readNotices: noticesOnce,
    async keep() {
      await attempt(() => deps.grants.finish((error) => deps.onError(error)));
      await noticesOnce();
      await attempt(() => renew(deps));
    },
  };
};
