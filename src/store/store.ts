import type {
  OrderEvent,
  OrderKey,
  OrderRecord,
  PackageRecord,
  ReturnReading,
  ReturnRecord,
  ReturnReview,
  Stage,
} from '../orders/model.ts';
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

/** What changes about a return; absent fields stay. */
export type ReturnChange = {
  amazonState?: ReturnRecord['amazonState'];
  requestedAtMs?: number | null;
  rmaIds?: string[];
  askedFor?: string | null;
  /** What the order shows a person about this return: null takes it away, absent leaves it as it is. */
  review?: ReturnReview | null;
  /** One line of the order's timeline. */
  event?: OrderEvent;
  /** Nothing more is to be decided about the record's `seq`. */
  isSettled: boolean;
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

/** Orders in the same trouble: how many, and the ids of up to five. */
export type OrderGroup = { count: number; orderIds: string[] };

/** What is wrong with orders now. */
export type AlertFacts = {
  /** Orders in review, nearest ship-by time first. */
  reviews: Map<ReasonCode, OrderGroup>;
  /** As `riskOf` says, nearest deadline first. */
  atRisk: OrderGroup;
  breached: OrderGroup;
  /** The nearest deadline of the orders at risk. */
  soonestDeadlineMs: number | null;
  /** Parcels whose report was answered with a warning, of orders that are neither completed nor cancelled. */
  warnings: OrderGroup;
};

/**
 * Queues of orders, by what they wait for. `new`: not accepted by the provider, its next look is due. `ready`: to be
 * created, waits for quota (reason `awaiting_quota`) whatever its next look is. `placed`: accepted by the provider, its
 * next look is due. `moved`: of those, the ones that something happened to, so that more than a poll is due. An order may
 * stand in several; its lease goes to one runner.
 */
export type Lane = 'new' | 'ready' | 'moved' | 'placed';

/** A shop with orders in a lane, and when the first of them is to be taken. */
export type DueShop = { channel: string; shopId: string; dueMs: number };

/** What happened between a backup and its restore is not in the database. */
export type Restored = {
  backupTakenAtMs: number;
  /** When the service first started on it. */
  atMs: number;
};

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
    /** Makes orders due now that rest for one of these reasons, or whose last look failed. */
    wake(reasons: readonly ReasonCode[], nowMs: number): Promise<void>;
    /**
     * Takes the lease of one order; null when it is unknown or another runner holds it. `owner` is unique to one run:
     * a second run under the same name could not be told from the first.
     */
    lease(key: OrderKey, owner: string, nowMs: number): Promise<OrderRecord | null>;
    /**
     * Leases up to `limit` orders of a shop: in `ready` the nearest deadline first, else what is due, longest due
     * first. An order whose lease ran out is due as well: its runner did not finish.
     */
    claimDue(owner: string, nowMs: number, limit: number, lane: Lane, shopId: string): Promise<OrderRecord[]>;
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
    /** Orders of a shop that are in review for this reason. */
    countInReview(reason: ReasonCode, shop: Pick<OrderKey, 'channel' | 'shopId'>): Promise<number>;
    /** A deadline nearer than `atRiskMs` is at risk. */
    alertFacts(nowMs: number, atRiskMs: number): Promise<AlertFacts>;
    /** The shops of a lane's orders that nobody works on. In `ready` all of them are due since ever. */
    dueShops(lane: Lane): Promise<DueShop[]>;
    /**
     * Makes orders due whose lease ran out: their runner did not finish. Answers when the next lease runs out, unless
     * it is given back before.
     */
    takeBackExpired(nowMs: number): Promise<number | null>;
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
  returns: {
    /**
     * Keeps what the channel says of a return, with one line of its order's timeline for each new state. A return of
     * an order that is not known, or one read before what is kept, changes nothing.
     */
    takeIn(reading: ReturnReading, nowMs: number): Promise<void>;
    /** Returns of a shop about which something is to be decided, changed longest ago first. */
    unsettled(shop: { channel: string; shopId: string }): Promise<ReturnRecord[]>;
    /**
     * Commits a change in one transaction with what the order shows of it, and makes the order due when that differs.
     * False when another runner was faster: the record is settled, or what was asked of Amazon is not what it says.
     */
    commit(record: ReturnRecord, change: ReturnChange, nowMs: number): Promise<boolean>;
    /** The returns of an order. */
    ofOrder(key: OrderKey): Promise<ReturnRecord[]>;
  };
  skuMap: {
    all(): Promise<SkuMapEntry[]>;
    /** Also makes every order due that is not at the provider: what it needs is counted by the map. */
    replace(entries: readonly SkuMapEntry[], nowMs: number): Promise<void>;
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
  retention: {
    /** Deletes notifications received before `beforeMs`, of the `limit` oldest. Answers how many. */
    pruneNotifications(beforeMs: number, limit: number): Promise<number>;
    /**
     * Of the next `limit` orders after `position` (0: from the oldest), deletes those over and untouched since
     * `beforeMs`, with everything kept of them. Over: completed, cancelled or ignored here, completed or cancelled at
     * the channel, and no return open. `position` null: no older order is left to look at.
     */
    pruneOrders(
      beforeMs: number,
      position: number,
      limit: number,
    ): Promise<{ pruned: number; position: number | null }>;
  };
  /** The last time this database was put in place from a backup; null: never. */
  readonly restored: Restored | null;
  /** A keyed hash in hex, under a key of this store: tells whether a text is the same, and nothing about it. */
  keyedHash(text: string): string;
  /** Throws `StoreUnavailable` when a write would not be durable now. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** The store cannot take or give data now: disk full, locked, gone. */
export class StoreUnavailable extends Error {
  readonly code = 'store_unavailable';
  /** What is wrong, in a few words without a path: for those who may not know where it lies. */
  readonly problem: string | null;

  constructor(message: string, options: { cause?: unknown; problem?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'StoreUnavailable';
    this.problem = options.problem ?? null;
  }
}
