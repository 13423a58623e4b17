import type { ConsoleParts } from '../app.ts';
import { type Config, variableDocs } from '../config/variables.ts';
import type { ConsoleFacts } from '../console/facts.ts';
import { createHours } from '../console/hours.ts';
import type { SettingView } from '../console/settings.ts';
import { LIMITS } from '../fulfillment/amazon-mcf/limits.ts';
import { createSales, saleKey } from '../inventory/sales.ts';
import { createAddressDesk } from '../orders/address-desk.ts';
import { sees } from '../people/principal.ts';
import { oldestDueMs } from '../telemetry/oldest-due.ts';
import type { Connections } from './connect.ts';
import type { Engine } from './engine.ts';
import type { Parts } from './parts.ts';
import { listSides } from './sides.ts';

const wireFacts = (parts: Parts, engine: Engine): ConsoleFacts => {
  const { store, clock, telemetry } = parts;
  const { connected, safety } = engine;
  const sales = createSales(parts);
  const hours = createHours(parts);
  return {
    oldestDueMs: (shopIds) => oldestDueMs(store, clock.nowMs(), shopIds),
    kept() {
      const { createdMs, reportedMs } = telemetry.promises.last();
      return { seenMs: createdMs, trackedMs: reportedMs };
    },
    hours: (principal) => hours.of(principal),
    quotas: () =>
      connected.accounts().map(({ accountId, provider }) => ({
        account: accountId,
        left: provider.createCapacity(),
        burst: LIMITS.createFulfillmentOrder.burst,
      })),
    soldPerDay: () => sales.perDay(),
    async scarce(most) {
      const [stock, sold] = await Promise.all([store.inventory.stock(), sales.perDay()]);
      return stock
        .flatMap(({ amazonSku, amazonAccount, available }) => {
          const perDay = sold.get(saleKey(amazonAccount, amazonSku)) ?? 0;
          return perDay > 0 ? [{ amazonSku, available, coverDays: available / perDay }] : [];
        })
        .toSorted((one, other) => one.coverDays - other.coverDays)
        .slice(0, most);
    },
    banners(principal) {
      const paused = connected.registry
        .shops()
        .filter(({ pausedAtMs, shopId }) => pausedAtMs !== null && sees(principal, shopId));
      return [
        ...(safety.mode === 'shadow'
          ? [
              {
                text: 'Shadow mode: everything is read, nothing is sent to Amazon or TikTok Shop.',
                tone: 'info' as const,
              },
            ]
          : []),
        ...paused.map(({ name, shopId }) => ({
          text: `${name ?? shopId} is paused: nothing new is sent to Amazon for it.`,
          tone: 'warn' as const,
        })),
      ];
    },
  };
};

const textOf = (value: unknown): string | null => {
  if (value === undefined || value === null || value === '') return null;
  if (value instanceof Map) return [...value].map(([from, to]) => `${from}=${to}`).join(', ') || null;
  if (Array.isArray(value)) return value.join(', ') || null;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** A secret's value goes no further than this. */
const settingsOf = (config: Config): SettingView[] => {
  const values = new Map<string, unknown>(Object.entries(config));
  return variableDocs().map(([name, { group, description, defaultText, secret = false }]) => {
    const text = textOf(values.get(name));
    const value = secret && text !== null ? '' : text;
    return { name, group, value, isSecret: secret, defaultText, description };
  });
};

/** What the pages are made of, beside what the API is made of. */
export const wireConsole = (parts: Parts, engine: Engine, connections: Connections): ConsoleParts => {
  const { connected, policy, channel } = engine;
  return {
    sides: () => listSides(parts, connected.registry),
    facts: wireFacts(parts, engine),
    settings: () => settingsOf(parts.config),
    addresses: createAddressDesk({
      sidesFor: ({ channel: name, shopId }) => ({ channel, shop: { channel: name, shopId, region: null } }),
      marketplaceCountryOf: (key) => policy({ key, amazonAccount: null }).marketplaceCountry,
    }),
    connections: connections.routes.shops,
    amazonAccounts: connections.routes.amazonAccounts.accounts,
    onChange: (listener) => parts.telemetry.onChange(listener),
  };
};
