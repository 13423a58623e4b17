import type { OrderEvent, OrderKey, OrderRecord, PackageRecord, Stage } from '../orders/model.ts';
import type { ReasonCode } from '../orders/reasons.ts';

export type NewNotification = {
  channel: string;
  /** `<shop>/<tts_notification_id>`, or a hash of type, shop and data when there is no id. */
  dedupeKey: string;
  type: number;
  shopId: string;
  sentAtMs: number | null;
  /** The raw body, or null for topics that may carry personal data. */
  body: string | null;
};

/** "Look at this order": inserts it when new, makes it due, and leaves a mark for a runner that holds it. */
export type Hint = { key: OrderKey; updatedAtMs: number | null };

/** What changes in an order's row; absent fields stay. */
export type OrderPatch = Partial<Omit<OrderRecord, 'key' | 'packages' | 'hintSeq' | 'hintUpdatedAtMs'>>;

export type OrderChange = {
  patch: OrderPatch;
  events?: OrderEvent[];
  /** Inserted or replaced by (fulfillmentId, packageKey). */
  packages?: PackageRecord[];
  /** Replaces the units promised to this order, per Amazon SKU. */
  promised?: { amazonSku: string; units: number }[];
};

export type OrderQuery = {
  stage?: Stage;
  reason?: ReasonCode;
  /** Order id, fulfillment id or tracking number, exactly. */
  q?: string;
  cursor?: string;
  limit: number;
};

export type SkuMapEntry = {
  /** Null: for every shop. */
  shopId: string | null;
  channelSku: string;
  components: { amazonSku: string; quantity: number }[];
};

export type ListingRow = {
  channel: string;
  shopId: string;
  productId: string;
  skuId: string;
  sellerSku: string;
  components: { amazonSku: string; quantity: number }[];
  pushedQuantity: number | null;
  pushedAtMs: number | null;
};

export type StockRow = {
  amazonSku: string;
  fulfillable: number;
  promised: number;
  buffer: number;
  available: number;
  readAtMs: number;
};

/** Tokens of one authorised account, opened. Stored sealed, both together. */
export type TokenPair = {
  accessToken: string | null;
  accessExpiresAtMs: number | null;
  refreshToken: string | null;
  refreshExpiresAtMs: number | null;
  /** Fingerprint of the environment's tokens these came from; a new one in the environment wins. */
  origin: string;
};

export type TokenStore = {
  load(account: string): Promise<TokenPair | null>;
  save(account: string, pair: TokenPair): Promise<void>;
};

export type ShopRow = { channel: string; shopId: string; region: string | null; cipher: string | null };

/** `placed`: the provider accepted a fulfillment (`acceptedAtMs` is set); `new`: every other order. */
export type Lane = 'new' | 'placed';

/**
 * Durable state. Every promise of a write resolves after its commit reached the disk. Throws `StoreUnavailable`
 * when it cannot; nothing of that write is then kept.
 */
export type Store = {
  notifications: {
    /** Stores the delivery and its hints in one transaction; a known one changes nothing. */
    accept(
      notification: NewNotification,
      hints: readonly Hint[],
      nowMs: number,
    ): Promise<'stored' | 'duplicate'>;
    count(): Promise<number>;
  };
  orders: {
    /** Makes orders due now. Answers how many were not known before. */
    hint(hints: readonly Hint[], nowMs: number): Promise<number>;
    /** Makes orders that rest for one of these reasons due now. */
    wake(reasons: readonly ReasonCode[], nowMs: number): Promise<void>;
    /**
     * Takes the lease of one order; null when it is unknown or another runner holds it. `owner` is unique to one run:
     * a second run under the same name could not be told from the first.
     */
    lease(key: OrderKey, owner: string, nowMs: number): Promise<OrderRecord | null>;
    /**
     * Leases up to `limit` due orders, longest due first. An order whose lease ran out is due as well: its runner did
     * not finish. `lane` leaves out the orders of the other one.
     */
    claimDue(owner: string, nowMs: number, limit: number, lane?: Lane): Promise<OrderRecord[]>;
    /** Commits a step and prolongs the lease. False when the lease was lost: the caller stops at once. */
    commit(key: OrderKey, owner: string, change: OrderChange, nowMs: number): Promise<boolean>;
    /**
     * Commits the last step and gives the lease back, unless a hint came after `seenHintSeq`: then the lease is
     * kept and the fresh record comes back to be looked at once more.
     */
    release(
      key: OrderKey,
      owner: string,
      seenHintSeq: number,
      change: OrderChange,
      nowMs: number,
    ): Promise<{ outcome: 'released' } | { outcome: 'lost' } | { outcome: 'hinted'; record: OrderRecord }>;
    /** Changes an order that nobody needs to lease for (an operator's correction); also makes it due. */
    amend(key: OrderKey, change: OrderChange, nowMs: number): Promise<boolean>;
    get(key: OrderKey): Promise<OrderRecord | null>;
    /** By the channel's order id alone, over all shops. */
    findByOrderId(orderId: string): Promise<OrderRecord | null>;
    findByFulfillmentIds(fulfillmentIds: readonly string[]): Promise<OrderRecord[]>;
    events(key: OrderKey): Promise<OrderEvent[]>;
    list(query: OrderQuery): Promise<{ orders: OrderRecord[]; nextCursor: string | null }>;
    stageCounts(): Promise<Record<Stage, number>>;
    /** When the longest due order that nobody works on became due; null when there is none. */
    oldestDueMs(nowMs: number): Promise<number | null>;
    /** The soonest time anything becomes due; a leased order does when its lease runs out. */
    nextDueMs(): Promise<number | null>;
    /** Of orders as a search lists them, those that are unknown, newer than what was last read, or in another status. */
    unseen<Listed extends Hint & { rawStatus: string }>(listed: readonly Listed[]): Promise<Listed[]>;
    /** Orders acknowledged but never read. */
    unread(limit: number): Promise<OrderKey[]>;
    /** Orders whose fulfillment may still move, read longest ago first. */
    openFulfillments(limit: number): Promise<OrderRecord[]>;
    /**
     * Units promised per Amazon SKU: of every order not cancelled, completed or ignored, as last committed with
     * `promised`, each with the time its fulfillment was accepted (null: not accepted yet).
     */
    promisedUnits(): Promise<
      { amazonSku: string; units: number; acceptedAtMs: number | null; reserved: boolean }[]
    >;
  };
  skuMap: {
    all(): Promise<SkuMapEntry[]>;
    replace(entries: readonly SkuMapEntry[]): Promise<void>;
  };
  inventory: {
    saveStock(rows: readonly StockRow[]): Promise<void>;
    /** A row without `pushedAtMs` keeps what its listing was last given. */
    saveListings(rows: readonly ListingRow[]): Promise<void>;
    stock(): Promise<StockRow[]>;
    listings(): Promise<ListingRow[]>;
  };
  shops: {
    upsert(row: ShopRow): Promise<void>;
    all(): Promise<ShopRow[]>;
  };
  tokens: TokenStore;
  /** Small named values: sweep positions, times of passes. */
  cursors: {
    get(name: string): Promise<string | null>;
    set(name: string, value: string): Promise<void>;
  };
  /** A keyed hash in hex, under a key of this store: tells whether a text is the same, and nothing about it. */
  keyedHash(text: string): string;
  /** Throws `StoreUnavailable` when a write would not be durable now. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** The store cannot take or give data now: disk full, locked, gone. */
export class StoreUnavailable extends Error {
  readonly code = 'store_unavailable';

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StoreUnavailable';
  }
}
