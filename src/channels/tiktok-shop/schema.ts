import { z } from 'zod';
import { parseJson } from '../../lib/json.ts';

/** Half a surrogate pair cannot be part of an address, and a text may become one. */
const toText = (value: string | number): string => String(value).toWellFormed();
/** 64-bit ids come as strings, in a few places as numbers. */
const id = z.union([z.string().min(1), z.number()]).transform(toText);
const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? '' : toText(value)));
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
/** The end of the year 9999: what is later is no time in seconds, and as milliseconds more than a row can give back. */
const LAST_SECOND = 253_402_300_799;
export const isUnixSecond = (value: number): boolean => Number.isInteger(value) && value <= LAST_SECOND;
/** Unix seconds; 0, an absent value and one that is no such time all mean "not set". */
const seconds = z
  .union([z.number(), z.string().regex(/^\d*$/).transform(Number)])
  .nullish()
  .transform((value) => (value && value > 0 && isUnixSecond(value) ? value : null));
const quantity = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);

const RemoteEnvelope = z.object({
  code: id,
  message: z.string().nullish(),
  request_id: z.string().nullish(),
  data: z.unknown().optional(),
});

export type Envelope = { code: string; message: string; requestId: string | undefined; data: unknown };

/** The frame of every answer of TikTok Shop; null when the text is not one. */
export const readEnvelope = (body: string): Envelope | null => {
  let parsed: unknown;
  try {
    parsed = parseJson(body);
  } catch {
    return null;
  }
  const result = RemoteEnvelope.safeParse(parsed);
  if (!result.success) return null;
  const { code, message, request_id, data } = result.data;
  return { code, message: message ?? '', requestId: request_id ?? undefined, data: data ?? {} };
};

const RemoteAddress = z.object({
  name: text,
  phone_number: text,
  region_code: text,
  postal_code: text,
  address_line1: text,
  address_line2: text,
  address_line3: text,
  address_line4: text,
  address_detail: text,
  post_town: text,
  district_info: listOf(z.object({ address_level: text, address_level_name: text, address_name: text })),
});
export type RemoteAddress = z.infer<typeof RemoteAddress>;

const RemoteLine = z.object({
  id,
  sku_id: text,
  product_id: text,
  seller_sku: text,
  product_name: text,
  sku_name: text,
  display_status: text,
  package_id: text,
  package_status: text,
  tracking_number: text,
  shipping_provider_id: text,
  is_gift: flag,
  is_dangerous_good: flag,
  needs_prescription: flag,
  combined_listing_skus: listOf(z.object({ sku_id: text, seller_sku: text, sku_count: z.int().positive() })),
});
export type RemoteLine = z.infer<typeof RemoteLine>;

const RemoteOrder = z.object({
  id,
  status: text,
  fulfillment_type: text,
  shipping_type: text,
  delivery_type: text,
  delivery_option_id: text,
  delivery_option_name: text,
  is_on_hold_order: flag,
  is_buyer_request_cancel: flag,
  has_updated_recipient_address: flag,
  is_sample_order: flag,
  is_replacement_order: flag,
  is_exchange_order: flag,
  order_type: text,
  create_time: seconds,
  paid_time: seconds,
  update_time: seconds,
  rts_sla_time: seconds,
  tts_sla_time: seconds,
  delivery_sla_time: seconds,
  shipping_due_time: seconds,
  cancel_order_sla_time: seconds,
  payment: z.object({ currency: text, total_amount: text }).nullish(),
  recipient_address: RemoteAddress.nullish(),
  line_items: listOf(RemoteLine),
});
export type RemoteOrder = z.infer<typeof RemoteOrder>;

export const OrderDetail = z.object({ orders: listOf(RemoteOrder) });

export const OrderPage = z.object({
  next_page_token: text,
  orders: listOf(z.object({ id, status: text, update_time: seconds })),
});

export const ShippingProviders = z.object({ shipping_providers: listOf(z.object({ id, name: text })) });

export const ShippedPackage = z.object({
  package_id: text,
  warning: z.object({ message: text }).nullish(),
});

const RemoteProduct = z.object({
  id,
  skus: listOf(
    z.object({
      id,
      seller_sku: text,
      inventory: listOf(z.object({ warehouse_id: text, quantity })),
      combined_skus: listOf(z.unknown()),
      status_info: z.object({ status: text }).nullish(),
    }),
  ),
});
export type RemoteProduct = z.infer<typeof RemoteProduct>;

export const ProductPage = z.object({
  next_page_token: text,
  total_count: quantity,
  products: listOf(RemoteProduct),
});

export const WarehouseStock = z.object({
  inventory: listOf(
    z.object({
      skus: listOf(
        z.object({
          id,
          warehouse_inventory: listOf(z.object({ warehouse_id: text, available_quantity: quantity })),
        }),
      ),
    }),
  ),
});

export const InventoryUpdate = z.object({
  errors: listOf(
    z.object({
      code: text,
      message: text,
      detail: z
        .object({ sku_id: text, extra_errors: listOf(z.object({ code: text, message: text })) })
        .nullish(),
    }),
  ),
});
export type RemoteStockError = z.infer<typeof InventoryUpdate>['errors'][number];

export const Warehouses = z.object({
  warehouses: listOf(
    z.object({ id, name: text, type: text, sub_type: text, effect_status: text, is_default: flag }),
  ),
});

export const DeliveryOptions = z.object({
  delivery_options: listOf(z.object({ id, name: text, type: text })),
});

const RemoteCancellation = z.object({
  order_id: id,
  cancel_id: id,
  cancel_type: text,
  cancel_status: text,
  role: text,
  seller_next_action_response: listOf(z.object({ action: text, deadline: seconds })),
});
export type RemoteCancellation = z.infer<typeof RemoteCancellation>;

export const CancellationPage = z.object({
  next_page_token: text,
  cancellations: listOf(RemoteCancellation),
});

const RemoteReturn = z.object({
  order_id: id,
  return_id: id,
  return_type: text,
  return_status: text,
  return_reason: text,
  can_buyer_keep_item: flag,
  update_time: seconds,
  create_time: seconds,
  seller_next_action_response: listOf(z.object({ action: text, deadline: seconds })),
  return_line_items: listOf(z.object({ order_line_item_id: text })),
});
export type RemoteReturn = z.infer<typeof RemoteReturn>;

export const ReturnPage = z.object({ next_page_token: text, return_orders: listOf(RemoteReturn) });

export const AuthorizedShops = z.object({
  shops: listOf(z.object({ id, name: text, region: text, cipher: text })),
});

/** `*_expire_in` are absolute Unix seconds, not durations. */
export const RefreshedTokens = z.object({
  access_token: z.string().min(1),
  access_token_expire_in: seconds,
  refresh_token: text,
  refresh_token_expire_in: seconds,
});

export const GrantedTokens = RefreshedTokens.extend({
  open_id: z.string().min(1),
  seller_name: text,
  /** 0: a seller. */
  user_type: z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .nullish()
    .transform((value) => value ?? null),
  granted_scopes: listOf(text),
});

export const Webhooks = z.object({ webhooks: listOf(z.object({ event_type: text, address: text })) });

/** Nothing of these answers is used. */
export const IgnoredData = z.unknown();
