import type { WebhookReader } from '../channels/channel.ts';
import { createTikTokAuthorizer } from '../channels/tiktok-shop/authorize.ts';
import { ENVIRONMENT_AUTHORIZATION } from '../channels/tiktok-shop/index.ts';
import { type AmazonAccounts, createAmazonAccounts } from '../connections/amazon-accounts.ts';
import { createAuthorisations } from '../connections/authorisations.ts';
import type { RecordAudit, Running } from '../connections/deps.ts';
import { createGrants } from '../connections/grants.ts';
import { createMissingScopes } from '../connections/marks.ts';
import { createRegistrations } from '../connections/registrations.ts';
import { createShops } from '../connections/shops.ts';
import { createConnectStates } from '../connections/states.ts';
import { createAmazonAuthorizer } from '../fulfillment/amazon-mcf/authorize.ts';
import type { ProviderAuthorizer } from '../fulfillment/authorizer.ts';
import type { Clock } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Audit } from '../people/audit.ts';
import type { Connected } from './connected.ts';
import type { Parts } from './parts.ts';
import { createProvider, tokenKeyOf } from './providers.ts';
import { ENVIRONMENT_ACCOUNT } from './shops.ts';

export const WEBHOOK_PATH = '/webhooks/tiktok';
const AMAZON_CALLBACK_PATH = '/connect/amazon/callback';
/** Topics about the authorisation itself. */
const NOTICES = new Set([6, 7]);
/** The notice is stored by then; one that is missed is found by the next reconcile. */
const NOTICE_DELAY_MS = 1_000;

const createAuthorizers = (parts: Parts) => {
  const { config, http, clock } = parts;
  const publicUrl = config.PUBLIC_URL ?? null;
  const tiktok = createTikTokAuthorizer({
    http,
    appKey: config.TIKTOK_APP_KEY,
    appSecret: config.TIKTOK_APP_SECRET[0] ?? '',
    authUrl: config.TIKTOK_AUTH_URL,
    authorizeUrl: config.TIKTOK_AUTHORIZE_URL ?? null,
  });
  const amazon = createAmazonAuthorizer({
    http,
    clock,
    lwaUrl: config.AMAZON_LWA_URL,
    clientId: config.AMAZON_LWA_CLIENT_ID,
    clientSecret: config.AMAZON_LWA_CLIENT_SECRET,
    applicationId: config.AMAZON_APPLICATION_ID ?? null,
    authorizeUrl: config.AMAZON_AUTHORIZE_URL ?? null,
    isDraft: config.AMAZON_APP_IS_DRAFT,
    redirectUrl: publicUrl === null ? null : `${publicUrl}${AMAZON_CALLBACK_PATH}`,
    // Sides of its own: what a trial meets says nothing about the accounts in service.
    providerOf: (place, refreshToken) =>
      createProvider({ ...parts, sides: new Map() }, 'trial', place, () => Promise.resolve(refreshToken)),
  });
  return { tiktok, amazon };
};

const wireAccounts = (
  { config, store, clock }: Parts,
  running: Running,
  authorizer: ProviderAuthorizer,
): AmazonAccounts =>
  createAmazonAccounts({
    store,
    authorizer,
    clock,
    running,
    tokenKey: tokenKeyOf,
    environment: {
      accountId: ENVIRONMENT_ACCOUNT,
      refreshToken: config.AMAZON_LWA_REFRESH_TOKEN ?? null,
    },
  });

const hearNotices = (reader: WebhookReader, clock: Clock, look: () => Promise<void>): WebhookReader => {
  let isComing = false;
  const lookSoon = async (): Promise<void> => {
    await clock.sleep(NOTICE_DELAY_MS);
    isComing = false;
    await look();
  };
  return {
    verify: (rawBody, authorization) => reader.verify(rawBody, authorization),
    read(rawBody) {
      const result = reader.read(rawBody);
      if (result.ok && NOTICES.has(result.value.type) && !isComing) {
        isComing = true;
        void lookSoon();
      }
      return result;
    },
  };
};

/** Shops and Amazon accounts as they are connected, kept and let go. */
export const wireConnections = (parts: Parts, connected: Connected, audit: Audit) => {
  const { config, clock, logger, store } = parts;
  const { channel } = connected;
  const publicUrl = config.PUBLIC_URL ?? null;
  const { tiktok, amazon } = createAuthorizers(parts);
  const running: Running = connected;
  const registrations = createRegistrations({
    registry: channel.webhooks,
    store,
    clock,
    address: publicUrl === null ? null : `${publicUrl}${WEBHOOK_PATH}`,
  });
  const shopsOf = (authorization: string) => channel.discoverShops(authorization);
  const grants = createGrants({
    channel: channel.name,
    authorizer: tiktok,
    store,
    clock,
    running,
    shopsOf,
    onConnected: (shops) => void registrations.keep(shops, { isNews: true }),
  });
  let errors: { code: string; message: string }[] = [];
  const authorisations = createAuthorisations({
    store,
    clock,
    running,
    grants,
    shopsOf,
    keepFresh: (authorization) => channel.keepFresh(authorization),
    onError(error, shopId) {
      const told = describeError(error);
      logger.warn({ ...told, ...(shopId ? { shopId } : {}) }, 'an authorisation could not be looked after');
      errors.push(told);
    },
  });
  const accounts = wireAccounts(parts, running, amazon);
  const hasTokens = (config.TIKTOK_ACCESS_TOKEN ?? config.TIKTOK_REFRESH_TOKEN) !== undefined;
  const shops = createShops({
    store,
    registrations,
    clock,
    running,
    environmentAuthorization: hasTokens ? ENVIRONMENT_AUTHORIZATION : null,
  });
  const scopes = createMissingScopes(store);
  const record: RecordAudit = (entry) => audit.record(entry);
  return {
    routes: {
      connect: {
        states: createConnectStates(store, clock),
        grants,
        accounts,
        tiktokLink: (state: string) => tiktok.link(state),
        amazon,
        audit: record,
        publicUrl,
      },
      shops: {
        store,
        shops,
        registrations,
        missingScopesOf: (authorization: string) => scopes.of(authorization),
        clock,
        audit: record,
      },
      amazonAccounts: { store, accounts, audit: record },
    },
    /** Part of every pass: what could not be done is told. */
    async keep(): Promise<{ code: string; message: string }[]> {
      errors = [];
      await authorisations.keep();
      await registrations.keep(connected.registry.shops());
      return errors;
    },
    /** The reader, which also hears notices about authorisations. */
    hearing: (reader: WebhookReader): WebhookReader =>
      hearNotices(reader, clock, () => authorisations.readNotices()),
  };
};

export type Connections = ReturnType<typeof wireConnections>;
