import type { Result } from '../lib/result.ts';

/** One authorised store on a channel. */
export type Shop = {
  channel: string;
  shopId: string;
  /** ISO 3166 alpha-2 of the market, when the channel told us. */
  region: string | null;
};

export type ChannelOrderStatus =
  | 'unpaid'
  | 'on_hold'
  | 'awaiting_shipment'
  | 'partially_shipped'
  | 'awaiting_collection'
  | 'in_transit'
  | 'delivered'
  | 'completed'
  | 'cancelled'
  | 'unknown';

export type LineStatus = 'unpaid' | 'awaiting_shipment' | 'shipped' | 'cancelled' | 'unknown';

export type Money = { currency: string; value: string };

/** A part of a bundle that the channel itself knows (TikTok `combined_listing_skus`). */
export type BundlePart = { skuId: string; sellerSku: string; units: number };

export type ChannelLine = {
  lineId: string;
  skuId: string;
  productId: string;
  /** Free text of the seller; may be empty. */
  sellerSku: string;
  title: string;
  /** At TikTok always 1: one line is one unit. */
  units: number;
  status: LineStatus;
  rawStatus: string;
  bundle: BundlePart[];
  packageId: string | null;
  trackingNumber: string | null;
  carrierId: string | null;
  isGift: boolean;
  /** Dangerous goods or prescription goods, which a person has to look at. */
  isRestricted: boolean;
};

/** Personal data: read when needed, passed on, never stored or logged. Strings as the channel sent them, '' when absent. */
export type RecipientAddress = {
  name: string;
  phone: string;
  /** ISO 3166 alpha-2 */
  countryCode: string;
  postalCode: string;
  /** `address_line1..4` in order, empty ones left out. */
  lines: string[];
  /** `address_detail`: usually all lines joined. */
  detail: string;
  /** UK post town. */
  postTown: string;
  /** Administrative areas, L0 country … L4. */
  districts: { level: string; levelName: string; name: string }[];
};

export type ChannelDeadlines = {
  shipByMs: number | null;
  collectByMs: number | null;
  deliverByMs: number | null;
  /** TikTok cancels by itself when not shipped by then. */
  autoCancelMs: number | null;
};

/** What the channel says about an order now. Times are Unix milliseconds. */
export type ChannelOrder = {
  orderId: string;
  status: ChannelOrderStatus;
  rawStatus: string;
  fulfilledBy: 'seller' | 'platform' | 'unknown';
  shippedBy: 'seller' | 'platform' | 'unknown';
  deliveryType: 'home' | 'collection_point' | 'unknown';
  deliveryOptionId: string | null;
  deliveryOptionName: string | null;
  /** The order went (or goes) through the channel's own hold, so no remorse time of ours is added. */
  hadChannelHold: boolean;
  buyerRequestedCancel: boolean;
  addressEdited: boolean;
  isSample: boolean;
  isReplacement: boolean;
  isExchange: boolean;
  /** Raw `order_type`: NORMAL, PRE_ORDER, MADE_TO_ORDER, … or ''. */
  orderType: string;
  createdAtMs: number;
  paidAtMs: number | null;
  updatedAtMs: number;
  total: Money | null;
  deadlines: ChannelDeadlines;
  recipient: RecipientAddress | null;
  lines: ChannelLine[];
};

export type Carrier = { carrierId: string; name: string };

export type ShipRequest = {
  orderId: string;
  lineIds: string[];
  trackingNumber: string;
  carrierId: string;
};

export type ShipAnswer = {
  packageId: string | null;
  /** A success with doubts: the channel could not match the number. Not to be sent again. */
  warning: string | null;
};

/**
 * Why a channel refused an effect. `already_done`: read the order to see by whom. `state_changed`: the order is
 * no longer in the state that the call needs, read again. The others need a person.
 */
export type ChannelRefusal = {
  reason:
    | 'already_done'
    | 'state_changed'
    | 'tracking_rejected'
    | 'duplicate_tracking'
    | 'after_sale_pending'
    | 'not_correctable'
    | 'refused';
  remoteCode: string;
  message: string;
};

export type Cancellation = {
  cancelId: string;
  orderId: string;
  state: 'pending' | 'accepted' | 'withdrawn' | 'completed' | 'unknown';
  byBuyer: boolean;
  /** Until when the seller has to answer. */
  respondByMs: number | null;
};

export type ReturnState =
  /** The seller has to answer the buyer's request. */
  | 'pending'
  /** Approved; the buyer has to send the goods. */
  | 'awaiting_parcel'
  | 'parcel_sent'
  | 'rejected'
  | 'succeeded'
  | 'cancelled'
  | 'completed'
  | 'unknown';

/** A return as the channel shows it now. The buyer's own words and pictures are left out. */
export type ChannelReturn = {
  returnId: string;
  orderId: string;
  type: 'refund' | 'return_and_refund' | 'replacement' | 'unknown';
  state: ReturnState;
  rawStatus: string;
  /** The channel's code of the reason. */
  reasonCode: string | null;
  /** Lines of the order that it is about. */
  lineIds: string[];
  buyerKeepsItem: boolean;
  /** Until when the seller has to answer. */
  respondByMs: number | null;
  updatedAtMs: number;
};

export type OrderSearch = {
  /** Only orders whose `update_time` is this or later. Absent: from the start of the shop. */
  updatedFromMs?: number;
  /** Only orders in this state. */
  status?: 'unpaid' | 'on_hold' | 'awaiting_shipment' | 'partially_shipped';
};

export type OrderStub = { orderId: string; rawStatus: string; updatedAtMs: number };

/** One sellable SKU of a shop, with the stock that the channel shows now per warehouse. */
export type Listing = {
  productId: string;
  skuId: string;
  sellerSku: string;
  /** Parts of a bundle the channel keeps itself; such stock cannot be set (TikTok 12052850). */
  isVirtualBundle: boolean;
  warehouses: { warehouseId: string; available: number }[];
};

export type StockPush = {
  productId: string;
  skuId: string;
  /** Absolute units for every warehouse of the SKU. */
  warehouses: { warehouseId: string; quantity: number }[];
};

export type StockPushFailure = { skuId: string; remoteCode: string; message: string };

/**
 * A place that sells. Reads throw `UpstreamError`; effects throw `UpstreamError` too when their outcome is not a
 * plain refusal (`stage` tells whether the effect may have happened). No method repeats a write by itself, except
 * once after a refused access token, which surely had no effect.
 */
export type SalesChannel = {
  readonly name: string;
  /** Orders by id; an id the channel does not know is absent. At most 50 ids go in one call. */
  fetchOrders(shop: Shop, orderIds: readonly string[]): Promise<Map<string, ChannelOrder>>;
  /** Pages of orders, oldest change first. */
  searchOrders(shop: Shop, search: OrderSearch): AsyncGenerator<OrderStub[]>;
  /** Carriers that may be named for this delivery option; cached for a day. */
  fetchCarriers(shop: Shop, deliveryOptionId: string): Promise<Carrier[]>;
  /** Not idempotent at TikTok: read the order before repeating. */
  ship(shop: Shop, request: ShipRequest): Promise<Result<ShipAnswer, ChannelRefusal>>;
  /** Once per order and within 72 h at TikTok. */
  correctTracking(
    shop: Shop,
    request: { orderId: string; packageId: string; trackingNumber: string; carrierId: string },
  ): Promise<Result<true, ChannelRefusal>>;
  fetchCancellations(shop: Shop, orderId: string): Promise<Cancellation[]>;
  approveCancellation(shop: Shop, cancelId: string, key: string): Promise<Result<true, ChannelRefusal>>;
  rejectCancellation(
    shop: Shop,
    cancelId: string,
    key: string,
    reason: string,
  ): Promise<Result<true, ChannelRefusal>>;
  cancelOrder(shop: Shop, orderId: string, reason: string): Promise<Result<true, ChannelRefusal>>;
  /** Pages of returns changed since, oldest change first. */
  searchReturns(shop: Shop, search: { updatedFromMs: number }): AsyncGenerator<ChannelReturn[]>;
  /** All returns of these orders. */
  fetchReturns(shop: Shop, orderIds: readonly string[]): Promise<ChannelReturn[]>;
  /** Active listings with their stock now. */
  fetchListings(shop: Shop): Promise<Listing[]>;
  /** Sets stock of SKUs of one product; what is refused comes back, one entry a SKU. */
  pushStock(shop: Shop, pushes: readonly StockPush[]): Promise<StockPushFailure[]>;
  /**
   * Reads left before the shop's order-detail quota is empty. None while its side is away, one while it is not known
   * whether it is back.
   */
  readCapacity(shop: Shop): number;
};

/** One webhook delivery, read: what it names, not what it claims. */
export type ChannelNotification = {
  type: number;
  shopId: string;
  /** `<shop>/<notification id>`, or a hash of type, shop and data where the channel sent no id. */
  dedupeKey: string;
  sentAtMs: number | null;
  /** Orders to look at; empty for topics that name none. */
  orders: { orderId: string; updatedAtMs: number | null }[];
  /** It is about returns of these orders. */
  isAboutReturns: boolean;
  /** The body as it came; null for topics that may carry a person's words or data, which are not kept. */
  body: string | null;
};

/** The channel's side of the webhook route. Pure. */
export type WebhookReader = {
  /** Over the exact bytes, in constant time, against every configured secret. */
  verify(rawBody: Uint8Array, authorization: string | undefined): boolean;
  /** `problem` says in a few words why the body cannot be read. */
  read(rawBody: Uint8Array): Result<ChannelNotification, string>;
};
