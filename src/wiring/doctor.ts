import { CALL_KINDS as TIKTOK_KINDS } from '../channels/tiktok-shop/limits.ts';
import { createMissingScopes } from '../connections/marks.ts';
import { configurationLines } from '../doctor/configuration.ts';
import { createDoctor, type Doctor } from '../doctor/index.ts';
import type { ShopDeps } from '../doctor/shop.ts';
import { storeProbe } from '../doctor/store-files.ts';
import { CALL_KINDS as AMAZON_KINDS } from '../fulfillment/amazon-mcf/limits.ts';
import { REGIONS, regionOfMarketplace } from '../fulfillment/amazon-mcf/regions.ts';
import { createSkuReporter } from '../inventory/sku-report.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { HttpClient } from '../lib/http-client.ts';
import type { CallKinds } from '../lib/read-only-http.ts';
import { databasePath } from '../store/database-url.ts';
import { WEBHOOK_PATH } from './connect.ts';
import type { Engine } from './engine.ts';
import type { Parts } from './parts.ts';
import { createProvider, refreshTokenOf } from './providers.ts';
import type { Registry } from './shops.ts';
import { wireChannel } from './sides.ts';

const KINDS: CallKinds = { 'tiktok-shop': TIKTOK_KINDS, 'amazon-mcf': AMAZON_KINDS };
/** Amazon's refresh tokens stay as they are; TikTok's may be replaced, and only the service keeps the new ones. */
const HARMLESS_LOGIN = 'amazon-mcf';

const ALL_REGIONS = ['na', 'eu', 'fe'] as const;

const TO_BE_RENEWED = 'the access token has to be renewed, which only the running service does';

const notSent = (upstream: string, operation: string): UpstreamError =>
  new UpstreamError({
    upstream,
    operation,
    code: 'upstream_token_expired',
    stage: 'before',
    retry: 'later',
    message: TO_BE_RENEWED,
    isLocal: true,
  });

/** Lets out what changes nothing, neither there nor of our tokens. */
export const doctorHttp = (http: HttpClient): HttpClient => ({
  async send(request) {
    const { upstream, operation } = request;
    const kind = upstream === 'doctor' ? 'read' : KINDS[upstream]?.[operation];
    if (kind !== 'read' && !(kind === 'token' && upstream === HARMLESS_LOGIN))
      throw notSent(upstream, operation);
    return http.send(request);
  },
  close: () => http.close(),
});

/** Calls with breakers of their own: what is stopped is asked all the same, and what fails stops nothing. */
const openSides = (parts: Parts, registry: Registry) => {
  const ciphers = new Map<string, string>();
  const own: Parts = { ...parts, http: doctorHttp(parts.http), sides: new Map() };
  const channel = wireChannel(own, {
    ...registry,
    shop(shopId) {
      const row = registry.shop(shopId);
      return row && { ...row, cipher: ciphers.get(shopId) ?? row.cipher };
    },
  });
  const learnCiphers = async (): Promise<void> => {
    const authorizations = new Set(registry.shops().map(({ authorization }) => authorization));
    for (const authorization of authorizations)
      for (const { shopId, cipher } of await channel.discoverShops(authorization))
        if (cipher !== null) ciphers.set(shopId, cipher);
  };
  const discover: ShopDeps['discover'] = async (authorization) => {
    try {
      return await channel.discoverShops(authorization);
    } catch (error) {
      // On its way through the renewal the error lost that nothing was sent.
      const isHeldBack = error instanceof UpstreamError && error.message === TO_BE_RENEWED;
      throw isHeldBack ? notSent(error.upstream, error.operation) : error;
    }
  };
  return { own, channel, ciphers, learnCiphers, discover };
};

const createRun = (parts: Parts, engine: Engine, renewing: ShopDeps['discover'] | null): Doctor => {
  const { config, clock, store } = parts;
  const { registry } = engine.connected;
  const { own, channel, ciphers, learnCiphers, discover } = openSides(parts, registry);
  const providerOf = (accountId: string, place: Parameters<typeof createProvider>[2]) =>
    createProvider({ ...own, sides: new Map() }, accountId, place, () => refreshTokenOf(parts, accountId));
  const report = createSkuReporter({
    channel,
    providerOf(shopId) {
      const accountId = registry.shop(shopId)?.amazonAccount ?? null;
      const row = accountId === null ? null : registry.account(accountId);
      return accountId === null || row === null ? engine.providers.of(accountId) : providerOf(accountId, row);
    },
    shops: { list: async () => registry.shops().filter(({ stoppedAtMs }) => stoppedAtMs === null) },
    skuMap: engine.skuMap,
  });
  return createDoctor({
    clock,
    http: own.http,
    configuration: configurationLines({
      publicUrl: config.PUBLIC_URL ?? null,
      hasAlerts: (config.ALERT_WEBHOOK_URL ?? config.ALERT_SMTP_URL) !== undefined,
      isShadow: config.MODE === 'shadow',
    }),
    store: storeProbe(databasePath(config.DATABASE_URL), () => store.ping()),
    hosts: [
      { name: 'TikTok Shop', url: config.TIKTOK_API_URL },
      { name: 'Amazon', url: config.AMAZON_SP_API_URL ?? REGIONS[config.AMAZON_REGION].spApiUrl },
    ],
    shops: () => registry.shops(),
    accounts: () => registry.accounts(),
    shop: {
      discover: renewing ?? discover,
      missingScopesOf: createMissingScopes(store).of,
      checkup: channel.checkup,
      useCipher: (shopId, cipher) => void ciphers.set(shopId, cipher),
      webhooks: channel.webhooks,
      webhookAddress: config.PUBLIC_URL === undefined ? null : `${config.PUBLIC_URL}${WEBHOOK_PATH}`,
    },
    amazon: {
      readsOf: ({ accountId, marketplaceId }, region) => providerOf(accountId, { region, marketplaceId }),
      regionOf: regionOfMarketplace,
      otherRegions: (region) =>
        config.AMAZON_SP_API_URL === undefined ? ALL_REGIONS.filter((other) => other !== region) : [],
    },
    async skuReport() {
      await learnCiphers();
      return report();
    },
  });
};

/**
 * The doctor of a service: a call during a run joins it. `renewsTokens`: access tokens are renewed by the service
 * itself where it is time; else a shop whose token has to be is not looked into.
 */
export const wireDoctor = (
  parts: Parts,
  engine: Engine,
  { renewsTokens }: { renewsTokens: boolean },
): Doctor => {
  let running: ReturnType<Doctor['run']> | null = null;
  const discover = renewsTokens
    ? (authorization: string) => engine.connected.channel.discoverShops(authorization)
    : null;
  return {
    run() {
      running ??= createRun(parts, engine, discover)
        .run()
        .finally(() => {
          running = null;
        });
      return running;
    },
  };
};
