import { createAmazonMcf } from '../fulfillment/amazon-mcf/index.ts';
import { REGIONS } from '../fulfillment/amazon-mcf/regions.ts';
import type { FulfillmentProvider } from '../fulfillment/provider.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { AmazonAccountRow } from '../store/store.ts';
import { VERSION } from '../version.ts';
import type { Parts } from './parts.ts';
import { ENVIRONMENT_ACCOUNT, type Registry } from './shops.ts';
import { forgetSides, sideOf } from './side-of.ts';

const PROVIDER = 'amazon-mcf';
/** How long an order waits that an account could not be asked for. */
const REFUSED_PAUSE_MS = 15 * 60_000;

/** Key of an account's refresh token in the token store. */
export const tokenKeyOf = (accountId: string): string => `${PROVIDER}/${accountId}`;

/** How health and alerts name the side of an account. */
export const sideAccountOf = (accountId: string): string =>
  accountId === ENVIRONMENT_ACCOUNT ? PROVIDER : `${PROVIDER}/${accountId}`;

/** Where an account sells and from which stock it ships. */
export type AmazonPlace = Pick<AmazonAccountRow, 'region' | 'marketplaceId'>;

const awsOf = ({ config }: Parts) => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = config;
  const session = config.AWS_SESSION_TOKEN;
  if (!accessKeyId || !secretAccessKey) return null;
  return { accessKeyId, secretAccessKey, ...(session ? { sessionToken: session } : {}) };
};

/** Amazon for one account. `refreshToken` is asked before every login. */
export const createProvider = (
  parts: Parts,
  accountId: string,
  { region, marketplaceId }: AmazonPlace,
  refreshToken: () => Promise<string>,
): FulfillmentProvider => {
  const { config, http, quota, clock } = parts;
  return createAmazonMcf({
    http,
    quota,
    clock,
    sideFor: (area) => sideOf(parts, sideAccountOf(accountId), area),
    account: accountId,
    region,
    marketplaceId,
    spApiUrl: config.AMAZON_SP_API_URL ?? REGIONS[region].spApiUrl,
    lwaUrl: config.AMAZON_LWA_URL,
    clientId: config.AMAZON_LWA_CLIENT_ID,
    clientSecret: config.AMAZON_LWA_CLIENT_SECRET,
    refreshToken,
    aws: awsOf(parts),
    version: VERSION,
  });
};

const refusedAccount = (accountId: string, why: string): UpstreamError =>
  new UpstreamError({
    upstream: PROVIDER,
    operation: 'any',
    code: 'upstream_auth_refused',
    stage: 'before',
    retry: 'later',
    message: `Amazon account ${accountId}: ${why}`,
    isLocal: true,
    retryAfterMs: REFUSED_PAUSE_MS,
  });

/** A provider that answers every call here, at stage `before`. */
const refusingProvider = (refusal: () => UpstreamError): FulfillmentProvider => {
  const refuse = (): Promise<never> => Promise.reject(refusal());
  async function* refusePages(): AsyncGenerator<never> {
    yield await refuse();
  }
  return {
    name: PROVIDER,
    preview: refuse,
    submit: refuse,
    fetch: refuse,
    listChanged: refusePages,
    cancel: refuse,
    release: refuse,
    returnReasons: refuse,
    createReturn: refuse,
    fetchStock: refuse,
    listStock: refusePages,
    // The refusal, made here, is what the orders are to show.
    createCapacity: () => Number.POSITIVE_INFINITY,
    readCapacity: () => Number.POSITIVE_INFINITY,
  };
};

export type Providers = {
  /** Who ships for an account. One that is not there, or was stopped, refuses every call without sending it. */
  of: (accountId: string | null) => FulfillmentProvider;
  /** Drops what is held in memory of an account, so that its next call takes the stored token. */
  forget: (accountId: string) => void;
};

/** Throws `UpstreamError` where there is none. */
export const refreshTokenOf = async ({ config, store }: Parts, accountId: string): Promise<string> => {
  const own = accountId === ENVIRONMENT_ACCOUNT ? config.AMAZON_LWA_REFRESH_TOKEN : undefined;
  const token = own ?? (await store.tokens.load(tokenKeyOf(accountId)))?.refreshToken;
  if (!token) throw refusedAccount(accountId, 'there is no refresh token; connect it again');
  return token;
};

/** One provider for each account, made when it is first needed and anew where its row says another place. */
export const createProviders = (parts: Parts, registry: Registry): Providers => {
  const made = new Map<string, { provider: FulfillmentProvider; place: string }>();

  return {
    of(accountId) {
      const row = accountId === null ? null : registry.account(accountId);
      if (accountId === null || !row)
        return refusingProvider(() => refusedAccount(accountId ?? 'none', 'no such account is connected'));
      if (row.stoppedAtMs !== null)
        return refusingProvider(() => refusedAccount(accountId, 'its authorisation was withdrawn'));
      const place = `${row.region} ${row.marketplaceId}`;
      const known = made.get(accountId);
      if (known?.place === place) return known.provider;
      const provider = createProvider(parts, accountId, row, () => refreshTokenOf(parts, accountId));
      made.set(accountId, { provider, place });
      return provider;
    },
    forget(accountId) {
      made.delete(accountId);
      forgetSides(parts, sideAccountOf(accountId));
    },
  };
};
