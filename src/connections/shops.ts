import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { ShopRow, ShopSettings, Store } from '../store/store.ts';
import type { Running } from './deps.ts';
import { disconnectShop } from './disconnect.ts';
import type { Registrations } from './registrations.ts';

/** A setting of null goes back to what the environment says. */
export type SettingsChange = { [Name in keyof ShopSettings]?: ShopSettings[Name] | null | undefined };

export type ShopChange = {
  name?: string | null | undefined;
  amazonAccount?: string | null | undefined;
  settings?: SettingsChange | undefined;
  paused?: boolean | undefined;
};

export type Shops = {
  /** Throws `AppError`. */
  find(shopId: string): Promise<ShopRow>;
  /** Throws `AppError` when the Amazon account is unknown. */
  change(shopId: string, change: ShopChange): Promise<ShopRow>;
  /**
   * Takes the shop out of service, deletes what its authorisation left here, and forgets it; its orders stay. Answers
   * the shop as it was.
   */
  disconnect(shopId: string): Promise<ShopRow>;
};

export type ShopsDeps = {
  store: Pick<Store, 'shops' | 'accounts' | 'tokens' | 'connect'>;
  registrations: Registrations;
  clock: Clock;
  running: Running;
  /** Of the tokens that the environment gives; null when it gives none. */
  environmentAuthorization: string | null;
};

const mergeSettings = (settings: ShopSettings, change: SettingsChange): ShopSettings =>
  Object.fromEntries(
    Object.entries({ ...settings, ...change }).filter(([, value]) => value !== null && value !== undefined),
  );

/** The row after a change. Pausing a paused shop leaves the time it was paused at. Pure. */
export const changedShop = (row: ShopRow, change: ShopChange, nowMs: number): ShopRow => ({
  ...row,
  name: change.name === undefined ? row.name : change.name,
  amazonAccount: change.amazonAccount === undefined ? row.amazonAccount : change.amazonAccount,
  settings: change.settings ? mergeSettings(row.settings, change.settings) : row.settings,
  pausedAtMs: change.paused === undefined ? row.pausedAtMs : change.paused ? (row.pausedAtMs ?? nowMs) : null,
});

/** What people change about shops. */
export const createShops = (deps: ShopsDeps): Shops => {
  const { store, clock, running } = deps;

  const find = async (shopId: string): Promise<ShopRow> => {
    const row = await store.shops.find(shopId);
    if (!row) throw new AppError('shop_unknown', 404, 'There is no such shop.');
    return row;
  };

  const requireAccount = async (accountId: string): Promise<void> => {
    const accounts = await store.accounts.all();
    if (!accounts.some((account) => account.accountId === accountId && account.stoppedAtMs === null))
      throw new AppError('amazon_account_unknown', 404, 'amazonAccount: there is no such Amazon account.');
  };

  return {
    find,
    async change(shopId, change) {
      const row = await find(shopId);
      if (change.amazonAccount) await requireAccount(change.amazonAccount);
      const { name, amazonAccount, settings, pausedAtMs } = changedShop(row, change, clock.nowMs());
      await store.shops.change(shopId, { name, amazonAccount, settings, pausedAtMs });
      await running.changed();
      return find(shopId);
    },
    async disconnect(shopId) {
      const row = await find(shopId);
      if (row.authorization === deps.environmentAuthorization)
        throw new AppError(
          'environment_owns_it',
          409,
          'This shop is served by the TIKTOK_ tokens of the environment; take them out there and start again.',
        );
      if (row.stoppedAtMs === null) {
        await deps.registrations.withdraw(row);
        await disconnectShop(deps, row);
      }
      await store.shops.remove(shopId);
      await running.changed();
      return row;
    },
  };
};
