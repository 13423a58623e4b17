import type { Shop } from './channel.ts';

/** What a call failed for, as far as a person can mend it. */
export type ChannelTrouble = 'secret' | 'app_key' | 'scope' | 'cipher' | 'clock' | 'authorisation' | 'other';

export type SalesWarehouse = { warehouseId: string; name: string; isDefault: boolean; isEnabled: boolean };

/** Read-only calls that show whether a shop is set up for its orders. All throw `UpstreamError`. */
export type ShopCheckup = {
  /** The cheapest call that the scope of orders, or of products, or of returns allows. */
  tryOrders(shop: Shop): Promise<void>;
  tryProducts(shop: Shop): Promise<void>;
  tryReturns(shop: Shop): Promise<void>;
  salesWarehouses(shop: Shop): Promise<SalesWarehouse[]>;
  deliveryOptions(shop: Shop, warehouseId: string): Promise<{ optionId: string; name: string }[]>;
  /** Names of the carriers of a delivery option. */
  carriers(shop: Shop, optionId: string): Promise<string[]>;
  /** What a call failed for. */
  troubleOf(error: unknown): ChannelTrouble;
};
