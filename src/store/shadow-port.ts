import type { OrderKey } from '../orders/model.ts';

/** An Amazon SKU of which nothing new is ordered and no stock is pushed. */
export type PausedSku = {
  /** Null: in every shop. */
  shopId: string | null;
  amazonSku: string;
};

/** What is told of a recorded action. No personal data. */
export type ShadowWhat = {
  items?: { amazonSku: string; quantity: number }[] | undefined;
  speed?: string | undefined;
  reason?: string | undefined;
  trackingNumber?: string | undefined;
  carrier?: string | undefined;
};

/** What would have been done about an order. */
export type ShadowAction = {
  key: OrderKey;
  /** A decision's kind that has an effect, or `review`. */
  kind: string;
  /** Tells actions of one kind apart: a tracking number, a request's id; else ''. */
  subject: string;
  /** When it would first have been done. */
  atMs: number;
  what: ShadowWhat;
};

/** What the channel showed of an order while nothing was done about it here. */
export type ShadowOrder = {
  key: OrderKey;
  /** The channel's own word. */
  status: string;
  firstSeenAtMs: number;
  seenAtMs: number;
  shipByMs: number | null;
  /** It was shipped, or cancelled, at this time or before; null: it is not. */
  shippedByMs: number | null;
  cancelledByMs: number | null;
  parcels: { trackingNumber: string; carrierId: string | null; carrier: string | null; lines: number }[];
};

/** Units that a listing would have been given, and what it showed instead. */
export type ShadowStock = {
  channel: string;
  shopId: string;
  skuId: string;
  sellerSku: string;
  ours: number;
  shown: number;
  atMs: number;
};

export type PausedSkuStore = {
  all(): Promise<PausedSku[]>;
  /** A known one stays as it is. */
  add(paused: PausedSku, nowMs: number): Promise<void>;
  /** False when there was none. */
  remove(paused: PausedSku): Promise<boolean>;
};

export type ShadowStore = {
  /** A known action keeps its time and takes the new contents. */
  record(action: ShadowAction): Promise<void>;
  actions(): Promise<ShadowAction[]>;
  /** Keeps when an order was first seen, and when it was first seen shipped and cancelled. */
  see(order: ShadowOrder): Promise<void>;
  order(key: OrderKey): Promise<ShadowOrder | null>;
  orders(): Promise<ShadowOrder[]>;
  saveStock: (rows: readonly ShadowStock[]) => Promise<void>;
  stock(): Promise<ShadowStock[]>;
  /** Deletes what was seen last before `beforeMs`. */
  prune(beforeMs: number): Promise<void>;
};
