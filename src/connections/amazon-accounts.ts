import { randomBytes } from 'node:crypto';
import type { ProviderAuthorizer, ProviderPlace } from '../fulfillment/authorizer.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError, UpstreamError } from '../lib/errors.ts';
import type { AmazonAccountRow, SharingRule, Store, TokenPair } from '../store/store.ts';
import type { Running } from './deps.ts';
import { sharingFaults } from './sharing-rule.ts';

export type NewAccount = ProviderPlace & {
  name: string | null;
  /** Null: pasted by hand, so nobody knows. */
  sellingPartnerId: string | null;
  refreshToken: string;
};

export type AccountChange = {
  name?: string | null | undefined;
  /** A new one in the place of one that Amazon refuses. */
  refreshToken?: string | undefined;
  sharing?: SharingRule | undefined;
};

export type AmazonAccounts = {
  /**
   * Tries the token and keeps it. A seller whose account in that marketplace is known gets the new token there.
   * Throws `AppError` when Amazon refuses, `UpstreamError` when it does not answer.
   */
  connect(account: NewAccount): Promise<AmazonAccountRow>;
  /** Throws `AppError`. */
  find(accountId: string): Promise<AmazonAccountRow>;
  change(accountId: string, change: AccountChange): Promise<AmazonAccountRow>;
  /** Forgets the account and its token. Refused while shops or open orders need it. */
  remove(accountId: string): Promise<void>;
};

export type AmazonAccountsDeps = {
  store: Pick<Store, 'shops' | 'accounts' | 'tokens' | 'connect'>;
  authorizer: ProviderAuthorizer;
  clock: Clock;
  running: Running;
  /** Key of an account's token in the token store. */
  tokenKey: (accountId: string) => string;
  /** The account of the environment, whose token is not kept here. */
  environment: { accountId: string; refreshToken: string | null };
};

const pairOf = (refreshToken: string): TokenPair => ({
  accessToken: null,
  accessExpiresAtMs: null,
  refreshToken,
  refreshExpiresAtMs: null,
  origin: 'granted',
});

const ADVICE: Readonly<Record<string, string>> = {
  upstream_auth_refused:
    'The refresh token has to be made with the app of AMAZON_LWA_CLIENT_ID, for a seller of this region, and not be revoked.',
  upstream_config_refused:
    'The app needs the role Amazon Fulfillment, and the seller has to authorise it again after the role was added.',
  upstream_refused: 'Check region and marketplace: the seller has to sell there.',
};

/** Says why a token does not serve; what may pass by itself is thrown on. */
const explain = (error: unknown): never => {
  const advice = error instanceof UpstreamError ? ADVICE[error.code] : undefined;
  if (!(error instanceof UpstreamError) || advice === undefined) throw error;
  throw new AppError('amazon_refused', 422, `${error.message}. ${advice}`);
};

/** What connecting and changing an account are made of. */
const createParts = (deps: AmazonAccountsDeps) => {
  const { store, authorizer, running, tokenKey, environment } = deps;

  const find = async (accountId: string): Promise<AmazonAccountRow> => {
    const row = (await store.accounts.all()).find((account) => account.accountId === accountId);
    if (!row) throw new AppError('amazon_account_unknown', 404, 'There is no such Amazon account.');
    return row;
  };

  const tokenOf = async (accountId: string): Promise<string | null> =>
    accountId === environment.accountId
      ? environment.refreshToken
      : ((await store.tokens.load(tokenKey(accountId)))?.refreshToken ?? null);

  /** Two accounts of one token in one marketplace would offer the same stock twice. */
  const refuseTwin = async ({ marketplaceId, refreshToken }: NewAccount, except: string | null) => {
    for (const row of await store.accounts.all()) {
      if (row.marketplaceId !== marketplaceId || row.accountId === except) continue;
      if ((await tokenOf(row.accountId)) === refreshToken)
        throw new AppError(
          'amazon_account_known',
          409,
          `refreshToken: it is that of the account ${row.accountId}, in the same marketplace.`,
        );
    }
  };

  const tryOut = (place: ProviderPlace, refreshToken: string): Promise<void> =>
    authorizer.tryOut(place, refreshToken).catch(explain);

  const keepToken = async (accountId: string, refreshToken: string): Promise<void> => {
    await store.tokens.save(tokenKey(accountId), pairOf(refreshToken));
    running.forgetAccount(accountId);
  };

  const knownAs = async ({ sellingPartnerId, marketplaceId }: NewAccount) =>
    sellingPartnerId === null
      ? undefined
      : (await store.accounts.all()).find(
          (row) => row.sellingPartnerId === sellingPartnerId && row.marketplaceId === marketplaceId,
        );

  return { find, refuseTwin, tryOut, keepToken, knownAs };
};

/** Connects, changes and forgets Amazon accounts: one seller in one marketplace each. */
export const createAmazonAccounts = (deps: AmazonAccountsDeps): AmazonAccounts => {
  const { store, clock, running, tokenKey, environment } = deps;

  const { find, refuseTwin, tryOut, keepToken, knownAs } = createParts(deps);

  return {
    find,
    async connect(account) {
      const { name, region, marketplaceId, sellingPartnerId, refreshToken } = account;
      if (!deps.authorizer.isPlace(account))
        throw new AppError('marketplace_unknown', 400, 'marketplaceId: no marketplace of this region.');
      const known = await knownAs(account);
      await refuseTwin(account, known?.accountId ?? null);
      await tryOut(account, refreshToken);
      const row: AmazonAccountRow = {
        accountId: known?.accountId ?? `amazon-${randomBytes(4).toString('hex')}`,
        name: name ?? known?.name ?? null,
        sellingPartnerId,
        region,
        marketplaceId,
        sharing: known?.sharing ?? { kind: 'all' },
        connectedAtMs: clock.nowMs(),
        stoppedAtMs: null,
      };
      await keepToken(row.accountId, refreshToken);
      await store.accounts.upsert(row);
      await running.changed();
      return row;
    },
    async change(accountId, { name, refreshToken, sharing }) {
      const row = await find(accountId);
      if (sharing) {
        const faults = sharingFaults(sharing, await store.shops.all(), accountId);
        if (faults.length > 0)
          throw new AppError('sharing_invalid', 400, 'The rule does not hold together.', faults);
      }
      if (refreshToken !== undefined) {
        if (accountId === environment.accountId)
          throw new AppError(
            'environment_owns_it',
            409,
            'refreshToken: that of this account comes from AMAZON_LWA_REFRESH_TOKEN; change it there.',
          );
        await refuseTwin({ ...row, refreshToken }, accountId);
        await tryOut(row, refreshToken);
        await keepToken(accountId, refreshToken);
      }
      await store.accounts.change(accountId, {
        ...(name === undefined ? {} : { name }),
        ...(sharing ? { sharing } : {}),
        ...(refreshToken === undefined ? {} : { stoppedAtMs: null, connectedAtMs: clock.nowMs() }),
      });
      await running.changed();
      return find(accountId);
    },
    async remove(accountId) {
      await find(accountId);
      if (accountId === environment.accountId && environment.refreshToken !== null)
        throw new AppError(
          'environment_owns_it',
          409,
          'This account comes from AMAZON_LWA_REFRESH_TOKEN; take that out of the environment.',
        );
      const shops = (await store.shops.all()).filter((shop) => shop.amazonAccount === accountId);
      const openOrders = await store.connect.countOpenOrders(accountId);
      if (shops.length > 0 || openOrders > 0)
        throw new AppError(
          'amazon_account_in_use',
          409,
          'Shops draw on this account, or orders are under way at it: give the shops another one and let the orders end.',
          [
            ...shops.map(({ shopId }) => `shop ${shopId}`),
            ...(openOrders > 0 ? [`${openOrders} orders`] : []),
          ],
        );
      await store.accounts.remove(accountId);
      await store.tokens.remove(tokenKey(accountId));
      running.forgetAccount(accountId);
      await running.changed();
    },
  };
};
