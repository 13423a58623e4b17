import { createDailyReporter, type DailyReporter } from '../telemetry/daily-report.ts';
import type { Engine } from './engine.ts';
import { faultLog } from './faults.ts';
import type { Parts } from './parts.ts';

export const wireDailyReport = (parts: Parts, { channel, connected, providers }: Engine): DailyReporter =>
  createDailyReporter({
    store: parts.store,
    clock: parts.clock,
    shops: () => connected.list(),
    channelOf: () => channel,
    providers: () => connected.accounts().map(({ provider }) => provider),
    providerOf: ({ key, amazonAccount }) => providers.of(amazonAccount ?? connected.lanes.ofShop(key.shopId)),
    onFault: faultLog(parts),
  });
