import { UpstreamError } from '../../lib/errors.ts';
import type { Shop } from '../channel.ts';
import type { ChannelTrouble, ShopCheckup } from '../checkup.ts';
import type { CallTarget } from './call.ts';
import type { TikTokClient } from './client.ts';
import type { ShopDirectory } from './shops.ts';

/** A product made before the epoch. */
const NO_PRODUCT = { create_time_le: 0 };
const NO_ORDER = '0';

const TROUBLES: Readonly<Record<string, ChannelTrouble>> = {
  '106001': 'secret',
  '105005': 'scope',
  '101000': 'cipher',
  '106013': 'cipher',
  '105002': 'authorisation',
  '36004001': 'authorisation',
  '36004005': 'authorisation',
};

const troubleOf = (error: unknown): ChannelTrouble => {
  if (!(error instanceof UpstreamError)) return 'other';
  if (error.message.includes('the timestamp is refused')) return 'clock';
  const named = TROUBLES[error.remoteCode ?? ''];
  if (named) return named;
  return error.code === 'upstream_auth_refused' || error.code === 'upstream_token_expired'
    ? 'authorisation'
    : 'other';
};

/** Breakers are left out: a check asks what is, also of a side that was stopped. */
export const createShopCheckup = (client: TikTokClient, directory: ShopDirectory): ShopCheckup => {
  const targetOf = async (shop: Shop): Promise<CallTarget> => ({
    ...(await directory.targetOf(shop)),
    side: null,
  });
  return {
    troubleOf,
    async tryOrders(shop) {
      await client.getOrderDetail(await targetOf(shop), [NO_ORDER]);
    },
    async tryProducts(shop) {
      await client.searchProducts(await targetOf(shop), NO_PRODUCT, '');
    },
    async tryReturns(shop) {
      await client.searchReturns(await targetOf(shop), { order_ids: [NO_ORDER] }, '');
    },
    async salesWarehouses(shop) {
      const { warehouses } = await client.getWarehouses(await targetOf(shop));
      return warehouses
        .filter(({ type }) => type !== 'RETURN_WAREHOUSE')
        .map((warehouse) => ({
          warehouseId: warehouse.id,
          name: warehouse.name,
          isDefault: warehouse.is_default,
          isEnabled: warehouse.effect_status !== 'DISABLED' && warehouse.effect_status !== 'RESTRICTED',
        }));
    },
    async deliveryOptions(shop, warehouseId) {
      const answer = await client.getDeliveryOptions(await targetOf(shop), warehouseId);
      return answer.delivery_options.map(({ id, name }) => ({ optionId: id, name }));
    },
    async carriers(shop, optionId) {
      const answer = await client.getShippingProviders(await targetOf(shop), optionId);
      return answer.shipping_providers.map(({ name }) => name);
    },
  };
};
