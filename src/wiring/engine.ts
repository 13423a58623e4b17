import type { Shop } from '../channels/channel.ts';
import { secondsToMs } from '../lib/clock.ts';
import { ownerNames } from '../lib/owner-names.ts';
import { createConverger } from '../orders/converge.ts';
import { createCreateGate } from '../orders/create-gate.ts';
import { createDispatcher } from '../orders/dispatch.ts';
import type { OrderKey } from '../orders/model.ts';
import type { OrderSource, Sides } from '../orders/observe.ts';
import { openSkuMap } from '../orders/sku-map-service.ts';
import { createWorker, type Worker } from '../reconcile/worker.ts';
import { createReturns, type Returns } from '../returns/sync.ts';
import { type Connected, openConnected } from './connected.ts';
import { faultLog } from './faults.ts';
import type { Parts } from './parts.ts';
import { wirePolicy } from './policy.ts';
import { wireSafety } from './shadow.ts';
import { wireStock } from './stock.ts';

/** TikTok turns a shop’s MCF warehouse off at five such numbers (Seller Academy, 2026-02-25); we stop before. */
const MAX_REFUSED_REPORTS = 3;

const shopOf = ({ channel, shopId }: OrderKey): Shop => ({ channel, shopId, region: null });

/** Where an order is handled: at the account that has it, and only where none has it yet at its shop's. */
const sidesOf = ({ store }: Parts, connected: Connected, { key, amazonAccount }: OrderSource): Sides => {
  const { registry, providers, channel } = connected;
  const account = amazonAccount ?? registry.shop(key.shopId)?.amazonAccount ?? null;
  return {
    channel,
    shop: shopOf(key),
    provider: providers.of(account),
    amazonAccount: account,
    isWithdrawn: !registry.serves(key.shopId),
    reportsStopped: async () =>
      (await store.orders.countInReview('tracking_rejected', key)) >= MAX_REFUSED_REPORTS,
  };
};

const wireReturns = (parts: Parts, connected: Connected, wake: () => void): Returns =>
  createReturns({
    store: parts.store,
    channel: connected.channel,
    clock: parts.clock,
    providerFor: (order) => sidesOf(parts, connected, order).provider,
    settingOf: (shopId) =>
      connected.registry.shop(shopId)?.settings.returnsToAmazon ?? parts.config.RETURNS_TO_AMAZON,
    onFault: faultLog(parts),
    wake,
  });

/** What turns triggers into effects. */
export const wireEngine = async (parts: Parts) => {
  const { config, clock, store } = parts;
  const fallback = config.SKU_MAP_DEFAULT;
  const skuMap = await openSkuMap({ store, clock, fallback, file: config.SKU_MAP_FILE });
  const connected = await openConnected(parts, () => worker.wake());
  const { registry, providers, channel, lanes } = connected;
  const onFault = faultLog(parts);
  const newOwner = ownerNames();
  const safety = await wireSafety(
    parts,
    () => channel,
    () => worker.wake(),
  );
  const policy = wirePolicy(parts, skuMap, safety, registry);
  const { pushing, lowering } = wireStock(parts, connected, safety);
  const converging = { sidesFor: (order: OrderSource) => sidesOf(parts, connected, order), policy };
  const converger = createConverger({
    store,
    ...converging,
    onTakenIn: (record) => lowering.takenIn(record),
    shadow: safety.recorder,
    watch: parts.telemetry.watch,
    callLog: parts.callLog,
    clock,
    random: parts.random,
    backoff: {
      baseMs: secondsToMs(config.RETRY_BASE_SECONDS),
      maxMs: secondsToMs(config.RETRY_MAX_SECONDS),
    },
    newOwner,
    onFault,
  });
  const gate = createCreateGate({
    capacity: (account) => lanes.createCapacity(account),
    onQueued: () => worker.wake(),
  });
  const worker: Worker = createWorker({
    store,
    converger,
    channelOf: () => channel,
    accounts: lanes,
    gate,
    clock,
    callLog: parts.callLog,
    newOwner,
    onFault,
  });
  const dispatcher = createDispatcher({
    converger: {
      converge: (key) => gate.pass((mayCreate) => converger.converge(key, undefined, { mayCreate })),
    },
    capacity: (key) =>
      Math.min(lanes.createCapacity(lanes.ofShop(key.shopId)), channel.readCapacity(shopOf(key))),
    isBehind: (key) => worker.isBehind(lanes.ofShop(key.shopId)),
    leaveToWorker: () => worker.wake(),
    clock,
    budgetMs: config.WEBHOOK_BUDGET_MS,
    onFault,
  });
  const returns = wireReturns(parts, connected, () => worker.wake());
  return {
    safety,
    skuMap,
    policy,
    connected,
    channel,
    providers,
    pushing,
    lowering,
    converger,
    converging,
    worker,
    dispatcher,
    returns,
  };
};

export type Engine = Awaited<ReturnType<typeof wireEngine>>;
