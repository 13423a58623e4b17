import { refuse, success } from './outcome.ts';
import { get, type Route } from './route.ts';
import { SELLER_DELIVERY_OPTION, SHIPPING_PROVIDERS } from './tracking.ts';
import type { Warehouse } from './types.ts';

const renderWarehouse = (warehouse: Warehouse) => ({
  id: warehouse.id,
  entity_id: '7395366865142499073',
  name: warehouse.name,
  effect_status: warehouse.status ?? 'ENABLED',
  type: warehouse.type,
  sub_type: 'DOMESTIC_WAREHOUSE',
  is_default: warehouse.type === 'SALES_WAREHOUSE',
  address: {
    region: 'United States',
    state: 'Nevada',
    city: 'Reno',
    // TikTok misspells this key.
    distict: 'Washoe',
    town: '',
    contact_person: 'Ops Example',
    postal_code: '89502',
    full_address: '500 Sample Blvd, Reno, NV 89502',
    region_code: 'US',
    phone_number: '(+1)7755550188',
    address_line1: '500 Sample Blvd',
    geolocation: { latitude: '39.5296', longitude: '-119.8138' },
  },
});

const DELIVERY_OPTION = {
  id: SELLER_DELIVERY_OPTION,
  name: 'Standard Shipping',
  type: 'SEND_BY_SELLER',
  description: 'Shipped by seller',
  dimension_limit: { max_height: 100, max_length: 100, max_width: 100, unit: 'INCH' },
  weight_limit: { max_weight: 150, min_weight: 0, unit: 'POUND' },
  platform: ['TIKTOK_SHOP'],
};

export const logisticsRoutes: Route[] = [
  get('warehouses.list', '/logistics/202309/warehouses', ({ world }) =>
    success({ warehouses: world.warehouses.map(renderWarehouse) }),
  ),
  get('deliveryOptions.list', '/logistics/202309/warehouses/{id}/delivery_options', ({ world, params }) =>
    world.warehouses.some(({ id }) => id === params[0])
      ? success({ delivery_options: [DELIVERY_OPTION] })
      : refuse(21008111, 'The warehouse does not belong to the current seller.'),
  ),
  get('providers.list', '/logistics/202309/delivery_options/{id}/shipping_providers', ({ params }) =>
    params[0] === SELLER_DELIVERY_OPTION
      ? success({ shipping_providers: SHIPPING_PROVIDERS })
      : refuse(21008116, 'The seller has not subscribed to this delivery option.'),
  ),
];
