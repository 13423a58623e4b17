import type { ChannelAuthorizer, Grant, GrantedShop } from '../channels/authorizer.ts';
import type { Clock } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { ShopRow, Store, TokenPair } from '../store/store.ts';
import type { Running } from './deps.ts';
import { createMissingScopes, createPending } from './marks.ts';

/** What became of the code that a seller came back with. */
export type GrantOutcome =
  | { kind: 'not_a_seller' }
  /** Nothing is kept: orders could not be served. */
  | { kind: 'scopes_missing'; scopes: string[] }
  /** The tokens are kept and the shops could not be read; that is tried again by itself. */
  | { kind: 'shops_unread'; message: string }
  | {
      kind: 'connected';
      sellerName: string | null;
      shops: ShopRow[];
      /** Shops for which another authorisation acted until now. */
      moved: string[];
      missingScopes: string[];
    };

export type GrantDeps = {
  channel: string;
  authorizer: ChannelAuthorizer;
  store: Pick<Store, 'shops' | 'accounts' | 'tokens' | 'cursors'>;
  clock: Clock;
  running: Running;
  /** The shops that an authorisation acts for, by its stored tokens. Throws `UpstreamError`. */
  shopsOf(authorization: string): Promise<GrantedShop[]>;
  /** Registers the webhooks of shops that were just connected, behind the answer. */
  onConnected(shops: readonly ShopRow[]): void;
};

export type Grants = {
  /** Spends the code and takes over what it gives. Throws `UpstreamError` when the code brings nothing. */
  accept(code: string): Promise<GrantOutcome>;
  /** Reads the shops of authorisations whose shops could not be read when they were granted. */
  finish(onError: (error: unknown) => void): Promise<void>;
};

/** No environment gave these tokens. */
const GRANTED_HERE = 'granted';

const pairOf = ({ tokens }: Grant): TokenPair => ({ ...tokens, origin: GRANTED_HERE });

/**
 * The Amazon account of a new shop: that of the seller's other shops where they all have one and the same; else the
 * only one there is, as long as no shop draws on it. In all other cases a person chooses, because a wrong one would
 * ship one seller's orders from another seller's stock.
 */
export const accountForNewShop = (
  siblings: readonly ShopRow[],
  others: readonly ShopRow[],
  accountIds: readonly string[],
): string | null => {
  const [ofSibling, ...differing] = new Set(siblings.map(({ amazonAccount }) => amazonAccount));
  if (ofSibling && differing.length === 0) return ofSibling;
  const [only, ...more] = accountIds;
  if (only === undefined || more.length > 0 || siblings.length > 0) return null;
  return others.some(({ amazonAccount }) => amazonAccount === only) ? null : only;
};

const rowOf = (
  granted: GrantedShop,
  known: ShopRow | undefined,
  fresh: Pick<
    ShopRow,
    'channel' | 'authorization' | 'amazonAccount' | 'connectedAtMs' | 'authorizationExpiresAtMs'
  >,
): ShopRow => ({
  settings: {},
  pausedAtMs: null,
  ...known,
  ...fresh,
  shopId: granted.shopId,
  name: known?.name ?? granted.name,
  region: granted.region ?? known?.region ?? null,
  cipher: granted.cipher,
  amazonAccount: known ? known.amazonAccount : fresh.amazonAccount,
  stoppedAtMs: null,
});

const saveShops = async (deps: GrantDeps, authorization: string, granted: readonly GrantedShop[]) => {
  const { store, clock } = deps;
  const [before, accounts, pair] = await Promise.all([
    store.shops.all(),
    store.accounts.all(),
    store.tokens.load(authorization),
  ]);
  const isGranted = ({ shopId }: ShopRow): boolean => granted.some((shop) => shop.shopId === shopId);
  const siblings = before.filter((row) => row.authorization === authorization || isGranted(row));
  const others = before.filter((row) => !siblings.includes(row));
  const amazonAccount = accountForNewShop(
    siblings,
    others,
    accounts.filter(({ stoppedAtMs }) => stoppedAtMs === null).map(({ accountId }) => accountId),
  );
  const shops = granted.map((shop) =>
    rowOf(
      shop,
      before.find(({ shopId }) => shopId === shop.shopId),
      {
        channel: deps.channel,
        authorization,
        amazonAccount,
        connectedAtMs: clock.nowMs(),
        authorizationExpiresAtMs: pair?.refreshExpiresAtMs ?? null,
      },
    ),
  );
  for (const row of shops) await store.shops.upsert(row);
  return { shops, moved: before.filter((row) => isGranted(row) && row.authorization !== authorization) };
};

/** Tokens that act for no shop any more are not kept. */
const dropUnused = async ({ store, running }: GrantDeps, authorizations: Iterable<string>): Promise<void> => {
  const rows = await store.shops.all();
  for (const authorization of new Set(authorizations)) {
    if (rows.some((row) => row.authorization === authorization)) continue;
    await store.tokens.remove(authorization);
    running.forgetAuthorization(authorization);
  }
};

/** Turns what sellers grant into tokens and shops. Tokens are sealed before anything else is done with them. */
export const createGrants = (deps: GrantDeps): Grants => {
  const { authorizer, store, running } = deps;
  const pending = createPending(store);
  const scopes = createMissingScopes(store);

  const takeShops = async (authorization: string, granted: readonly GrantedShop[]) => {
    const saved = await saveShops(deps, authorization, granted);
    await dropUnused(deps, [authorization, ...saved.moved.map((row) => row.authorization)]);
    await pending.remove(authorization);
    await running.changed();
    deps.onConnected(saved.shops);
    return saved;
  };

  return {
    async accept(code) {
      const grant = await authorizer.exchange(code);
      if (!grant.isSeller) return { kind: 'not_a_seller' };
      const { missingScopes: missing, sellerName } = grant;
      if (missing.some((scope) => authorizer.essentialScopes.includes(scope)))
        return { kind: 'scopes_missing', scopes: missing };
      const authorization = `${deps.channel}/${grant.sellerId}`;
      await store.tokens.save(authorization, pairOf(grant));
      await scopes.save(authorization, missing);
      running.forgetAuthorization(authorization);
      try {
        // Written down first, so that a crash from here on leaves no tokens that nobody knows of.
        await pending.add(authorization);
        const { shops, moved } = await takeShops(authorization, await deps.shopsOf(authorization));
        return {
          kind: 'connected',
          sellerName,
          shops,
          moved: moved.map(({ shopId }) => shopId),
          missingScopes: missing,
        };
      } catch (error) {
        return { kind: 'shops_unread', message: describeError(error).message };
      }
    },
    async finish(onError) {
      for (const authorization of await pending.all()) {
        try {
          await takeShops(authorization, await deps.shopsOf(authorization));
        } catch (error) {
          onError(error);
        }
      }
    },
  };
};
