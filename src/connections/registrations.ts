import type { WebhookRegistration, WebhookRegistry } from '../channels/authorizer.ts';
import type { Clock } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { ShopRow, Store } from '../store/store.ts';
import { createOwnAddresses } from './marks.ts';

export type RegistrationState = {
  checkedAtMs: number;
  /** Topics whose notifications come here. */
  registered: string[];
  /** Topics that go to somebody else, and where; they are left alone. */
  elsewhere: WebhookRegistration[];
  /** Topics that could not be registered. */
  missing: string[];
  /** Why something is missing, in the channel's or our words. */
  problem: string | null;
};

export type Registrations = {
  /**
   * Checks the shops that were not checked within the hour, or all with `isNews`, and mends what is missing. Never
   * throws.
   */
  keep(shops: readonly ShopRow[], options?: { isNews: boolean }): Promise<void>;
  /** Checks one shop now; with `takeOver` topics that go elsewhere are brought here. Throws `UpstreamError`. */
  check(shop: ShopRow, options: { takeOver: boolean }): Promise<RegistrationState>;
  /** Takes our addresses off the list, as far as that is possible. Never throws. */
  withdraw(shop: ShopRow): Promise<void>;
  /** As of the last check since the start; null: not checked yet. */
  stateOf(shopId: string): RegistrationState | null;
  /** Null: nothing can be registered. */
  readonly address: string | null;
};

export type RegistrationDeps = {
  registry: WebhookRegistry;
  store: Pick<Store, 'cursors'>;
  clock: Clock;
  /** Where webhooks of this service arrive; null when nobody said under which address it is reached. */
  address: string | null;
};

const EVERY_MS = 3_600_000;

export type RegistrationPlan = { register: string[]; registered: string[]; elsewhere: WebhookRegistration[] };

/**
 * What is to be done about a shop's list. `ours` are addresses that this service registered before, which it may
 * replace; any other one belongs to somebody who would stop hearing of the orders. Pure.
 */
export const planRegistrations = (
  topics: readonly string[],
  listed: readonly WebhookRegistration[],
  address: string,
  { ours, takeOver }: { ours: readonly string[]; takeOver: boolean },
): RegistrationPlan => {
  const plan: RegistrationPlan = { register: [], registered: [], elsewhere: [] };
  for (const topic of topics) {
    const found = listed.find((entry) => entry.topic === topic && entry.address !== '');
    if (found?.address === address) plan.registered.push(topic);
    else if (!found || takeOver || ours.includes(found.address)) plan.register.push(topic);
    else plan.elsewhere.push(found);
  }
  return plan;
};

/** Keeps the webhooks of every shop registered. */
export const createRegistrations = ({ registry, store, clock, address }: RegistrationDeps): Registrations => {
  const states = new Map<string, RegistrationState>();
  const own = createOwnAddresses(store);

  const register = async (shop: ShopRow, plan: RegistrationPlan, to: string): Promise<RegistrationState> => {
    const { registered, elsewhere } = plan;
    const state: RegistrationState = {
      checkedAtMs: clock.nowMs(),
      registered,
      elsewhere,
      missing: [],
      problem: null,
    };
    for (const topic of plan.register) {
      try {
        await registry.register(shop, topic, to);
        state.registered.push(topic);
      } catch (error) {
        state.missing.push(topic);
        state.problem = describeError(error).message;
      }
    }
    return state;
  };

  const check: Registrations['check'] = async (shop, { takeOver }) => {
    if (address === null) return unaddressed();
    const listed = await registry.list(shop);
    const ours = await own.of(shop.shopId);
    await own.add(shop.shopId, address);
    const plan = planRegistrations(registry.topics, listed, address, { ours, takeOver });
    const state = await register(shop, plan, address);
    states.set(shop.shopId, state);
    return state;
  };

  const unaddressed = (): RegistrationState => ({
    checkedAtMs: clock.nowMs(),
    registered: [],
    elsewhere: [],
    missing: [...registry.topics],
    problem: 'PUBLIC_URL is not set, so the channel cannot be told where to send webhooks.',
  });

  const failed = (error: unknown): RegistrationState => ({
    ...unaddressed(),
    problem: describeError(error).message,
  });

  return {
    address,
    check,
    stateOf: (shopId) => states.get(shopId) ?? (address === null ? unaddressed() : null),
    async keep(shops, { isNews } = { isNews: false }) {
      if (address === null) return;
      for (const shop of shops) {
        const last = states.get(shop.shopId);
        const isFresh = !isNews && last !== undefined && clock.nowMs() - last.checkedAtMs < EVERY_MS;
        if (shop.stoppedAtMs !== null || isFresh) continue;
        try {
          await check(shop, { takeOver: false });
        } catch (error) {
          states.set(shop.shopId, failed(error));
        }
      }
    },
    async withdraw(shop) {
      try {
        const ours = await own.of(shop.shopId);
        const listed = await registry.list(shop);
        for (const { topic, address: to } of listed)
          if (registry.topics.includes(topic) && ours.includes(to)) await registry.unregister(shop, topic);
      } catch {
        // The channel drops them with the authorisation; nothing of ours depends on it.
      } finally {
        states.delete(shop.shopId);
      }
    },
  };
};
