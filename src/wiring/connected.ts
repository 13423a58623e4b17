import type { Shop } from '../channels/channel.ts';
import type { TikTokShop } from '../channels/tiktok-shop/index.ts';
import type { FulfillmentProvider } from '../fulfillment/provider.ts';
import type { StockPool } from '../inventory/pool.ts';
import type { ReasonCode } from '../orders/reasons.ts';
import type { LaneAccounts } from '../reconcile/lane.ts';
import type { AmazonAccountRow, ShopRow } from '../store/store.ts';
import type { Parts } from './parts.ts';
import { createProviders, type Providers } from './providers.ts';
import { createShopList, openRegistry, type Registry } from './shops.ts';
import { forgetSides } from './side-of.ts';
import { wireChannel } from './sides.ts';

/** What may be over once a shop or an account changed. */
const WOKEN: readonly ReasonCode[] = ['amazon_account_missing', 'shop_disconnected', 'shop_paused'];

/** All that is connected, and how it is reached. */
export type Connected = {
  registry: Registry;
  providers: Providers;
  channel: TikTokShop;
  /** The shops that calls are made for. Throws `UpstreamError`. */
  list: () => Promise<Shop[]>;
  /** Their stock, by the account that has it. Throws `UpstreamError`. */
  pools: () => Promise<StockPool[]>;
  pool: (accountId: string) => StockPool | null;
  /** Accounts that calls are made for. */
  accounts: () => { accountId: string; provider: FulfillmentProvider }[];
  lanes: LaneAccounts;
  /** To be called after a change of a shop's or an account's row: it takes effect, and orders it concerns are woken. */
  changed: () => Promise<void>;
  /** To be called after the tokens of an authorisation were replaced or removed. */
  forgetAuthorization: (authorization: string) => void;
  /** To be called after the refresh token of an Amazon account was replaced or removed. */
  forgetAccount: (accountId: string) => void;
};

const bufferOf = ({ settings }: ShopRow) => ({
  units: settings.bufferUnits ?? 0,
  percent: settings.bufferPercent ?? 0,
});

const poolOf = (registry: Registry, providers: Providers, account: AmazonAccountRow): StockPool => ({
  accountId: account.accountId,
  provider: providers.of(account.accountId),
  rule: account.sharing,
  shops: registry.shopsOf(account.accountId).map((row) => ({
    shop: { channel: row.channel, shopId: row.shopId, region: row.region },
    buffer: bufferOf(row),
    isPushed: row.pausedAtMs === null && row.stoppedAtMs === null,
  })),
});

const lanesOf = (registry: Registry, providers: Providers): LaneAccounts => ({
  all: () => working(registry).map(({ accountId }) => accountId),
  ofShop: (shopId) => registry.shop(shopId)?.amazonAccount ?? null,
  createCapacity: (account, withinMs) => providers.of(account).createCapacity(withinMs),
  readCapacity: (account, withinMs) => providers.of(account).readCapacity(withinMs),
});

const working = (registry: Registry): AmazonAccountRow[] =>
  registry.accounts().filter(({ stoppedAtMs }) => stoppedAtMs === null);

/** What was known of a shop's side is void once somebody else acts for it, or it came back. */
const isRenewed = (before: ShopRow, after: ShopRow): boolean =>
  before.authorization !== after.authorization || (before.stoppedAtMs !== null && after.stoppedAtMs === null);

export const openConnected = async (parts: Parts, wake: () => void): Promise<Connected> => {
  const { store, clock } = parts;
  const registry = await openRegistry(parts);
  const providers = createProviders(parts, registry);
  const channel = wireChannel(parts, registry);
  const list = createShopList(parts, registry, channel);

  const changed = async (): Promise<void> => {
    const before = registry.shops();
    await registry.reload();
    for (const row of before) {
      const after = registry.shop(row.shopId);
      if (after && isRenewed(row, after)) forgetSides(parts, `${row.channel}/${row.shopId}`);
      const wasServed = row.stoppedAtMs === null;
      if (wasServed && !registry.serves(row.shopId)) await store.orders.wakeShop(row.shopId, clock.nowMs());
    }
    await store.orders.wake(WOKEN, clock.nowMs());
    wake();
  };

  return {
    registry,
    providers,
    channel,
    list,
    async pools() {
      await list();
      return working(registry).map((account) => poolOf(registry, providers, account));
    },
    pool(accountId) {
      const account = registry.account(accountId);
      return account && account.stoppedAtMs === null ? poolOf(registry, providers, account) : null;
    },
    accounts: () =>
      working(registry).map(({ accountId }) => ({ accountId, provider: providers.of(accountId) })),
    lanes: lanesOf(registry, providers),
    changed,
    forgetAuthorization(authorization) {
      channel.forget(authorization);
      for (const row of registry.shops())
        if (row.authorization === authorization) forgetSides(parts, `${row.channel}/${row.shopId}`);
    },
    forgetAccount: providers.forget,
  };
};
