import type { SkuReport } from '../inventory/sku-match.ts';
import type { Clock } from '../lib/clock.ts';
import type { HttpClient } from '../lib/http-client.ts';
import type { AmazonAccountRow, ShopRow } from '../store/store.ts';
import { type AmazonDeps, amazonProbe } from './amazon.ts';
import { clockProbe } from './clock-skew.ts';
import { failed, type Line, warned } from './line.ts';
import { type Probe, runProbes } from './probes.ts';
import { type ShopDeps, shopProbe } from './shop.ts';
import { skuProbe } from './skus.ts';

export type DoctorDeps = {
  clock: Clock;
  http: HttpClient;
  /** What the environment says of itself. */
  configuration: readonly Line[];
  store: Probe;
  hosts: readonly { name: string; url: string }[];
  shops(): readonly ShopRow[];
  accounts(): readonly AmazonAccountRow[];
  shop: Omit<ShopDeps, 'clock'>;
  amazon: AmazonDeps;
  /** Throws `UpstreamError`. */
  skuReport(): Promise<SkuReport>;
};

export type Doctor = { run(): Promise<Line[]> };

/** One probe takes several calls; a call has ten seconds at most. */
const WITHIN_MS = 20_000;

const setUpLines = (shops: readonly ShopRow[], accounts: readonly AmazonAccountRow[]): Line[] => {
  const lines: Line[] = [];
  if (shops.length === 0)
    lines.push(
      failed(
        'tiktok_shops',
        'No shop is connected.',
        'Open /connect/tiktok-shop, or set TIKTOK_SHOP_ID, TIKTOK_ACCESS_TOKEN and TIKTOK_REFRESH_TOKEN.',
      ),
    );
  if (accounts.length === 0)
    lines.push(
      failed(
        'amazon_account',
        'No Amazon account is connected.',
        'Set AMAZON_LWA_REFRESH_TOKEN, open /connect/amazon, or paste a refresh token by POST /api/amazon-accounts.',
      ),
    );
  for (const { shopId, amazonAccount, stoppedAtMs } of shops)
    if (stoppedAtMs === null && !accounts.some(({ accountId }) => accountId === amazonAccount))
      lines.push(
        failed(
          'amazon_account',
          'No Amazon account ships this shop’s orders.',
          `Choose one: PATCH /api/shops/${shopId} with {"amazonAccount": …}.`,
          { shopId },
        ),
      );
  for (const { shopId, pausedAtMs } of shops)
    if (pausedAtMs !== null)
      lines.push(
        warned(
          'configuration',
          'The shop is paused: nothing new is created at Amazon.',
          `End the pause by PATCH /api/shops/${shopId} with {"paused": false}.`,
          { shopId },
        ),
      );
  return lines;
};

/** Looks at everything the service needs. Only reads, but for one small file beside the database. */
export const createDoctor = (deps: DoctorDeps): Doctor => ({
  async run() {
    const shops = deps.shops();
    const accounts = deps.accounts();
    const known: Probe = {
      checks: ['configuration'],
      run: async () => [...deps.configuration, ...setUpLines(shops, accounts)],
    };
    const probes = [
      known,
      deps.store,
      ...deps.hosts.map((host) => clockProbe(deps, host)),
      ...shops.map((shop) => shopProbe(shop, { ...deps.shop, clock: deps.clock })),
      ...accounts.map((account) => amazonProbe(account, deps.amazon)),
      skuProbe(() => deps.skuReport()),
    ];
    return runProbes(probes, deps.clock, WITHIN_MS);
  },
});
