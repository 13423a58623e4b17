import type { OrderCall, OrderEvent, OrderKey, OrderRecord, PackageRecord, Stage } from '../orders/model.ts';
import type { ReasonCode } from '../orders/reasons.ts';
import type { OutgoingStore } from '../outgoing/records.ts';
import type { AuditStore, PeopleStore } from '../people/records.ts';
import type { AccountStore, ConnectStore, ShopStore, TokenStore } from './connections-port.ts';
import type { InventoryStore } from './inventory-port.ts';
import type { PausedSkuStore, ShadowStore } from './shadow-port.ts';

export type {
  AmazonAccountRow,
  AuthorisationNotice,
  ConnectState,
  SharingRule,
  ShopRow,
  ShopSettings,
  TokenPair,
  TokenStore,
} from './connections-port.ts';

import type { RetentionStore } from './retention-port.ts';
import type { ReturnStore } from './returns-port.ts';

export type { ListingRow, StockRow } from './inventory-port.ts';
export type { ReturnChange } from './returns-port.ts';
export type { PausedSku, ShadowAction, ShadowOrder, ShadowStock, ShadowWhat } from './shadow-port.ts';

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
  /** In the order they were made; the oldest of the order's are dropped for them. */
  calls?: OrderCall[];
  /** Inserted or replaced by (fulfillmentId, packageKey). */
  packages?: PackageRecord[];
  /** Replaces the units promised to this order, per Amazon SKU. */
  promised?: { amazonSku: string; units: number }[];
};

/** The shops whose rows may be seen; null: all. */
export type VisibleShops = readonly string[] | null;

export type OrderQuery = {
  shopIds: VisibleShops;
  stage?: Stage | undefined;
  reason?: ReasonCode | undefined;
  /** Order id, fulfillment id or tracking number, exactly. */
  q?: string | undefined;
  /** As `riskOf` says at that time. */
  risk?: { state: 'at_risk' | 'breached'; nowMs: number } | undefined;
  /** Received at this time or later. */
  receivedFromMs?: number | undefined;
  /** Received before this time. */
  receivedBeforeMs?: number | undefined;
  /** `nextCursor` of the page before. It names an order, so it says no more than its page did. */
  cursor?: string | undefined;
  limit: number;
};

export type SkuMapEntry = {
  /** Null: for every shop. */
  shopId: string | null;
  channelSku: string;
  components: { amazonSku: string; quantity: number }[];
};

/** Orders in the same trouble: how many, and the ids of up to five. */
export type OrderGroup = { count: number; orderIds: string[] };

/** How many in the hour that began at `hourMs`. */
export type HourCount = { shopId: string; hourMs: number; count: number };

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

/** A list under a name: `query` as in the address of the list. */
export type SavedView = { name: string; query: string };

/** Units of one Amazon SKU that an order still takes from stock. */
export type PromisedUnits = {
  amazonSku: string;
  units: number;
  shopId: string;
  /** The account that was asked to ship them; null: none yet, so it will be the shop's. */
  amazonAccount: string | null;
  acceptedAtMs: number | null;
  /** The provider shows that it has planned them. */
  reserved: boolean;
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
    /** Newest first; `orderId` where the delivery names one order. */
    newest(
      limit: number,
      beforeId?: number,
    ): Promise<{ id: number; type: number; shopId: string; receivedAtMs: number; orderId: string | null }[]>;
  };
  orders: {
    /** Makes orders due now. Answers how many were not known before. */
    hint(hints: readonly Hint[], nowMs: number): Promise<number>;
    /** Makes orders due now that rest for one of these reasons, or whose last look failed. */
    wake(reasons: readonly ReasonCode[], nowMs: number): Promise<void>;
    /** Makes every order of a shop due now that is still looked at. */
    wakeShop(shopId: string, nowMs: number): Promise<void>;
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
    /** By the channel's order id alone, over the shops that may be seen. */
    findByOrderId(orderId: string, shopIds: VisibleShops): Promise<OrderRecord | null>;
    /** Of the orders that this Amazon account ships. */
    findByFulfillmentIds(fulfillmentIds: readonly string[], amazonAccount: string): Promise<OrderRecord[]>;
    events(key: OrderKey): Promise<OrderEvent[]>;
    /** The last calls to both sides about an order, newest first; at most 50. */
    calls(key: OrderKey): Promise<OrderCall[]>;
    /**
     * One page: soonest deadline first where `risk` is asked for or the stage is `review`, else the newest first.
     * Throws `AppError` for a cursor that is none of these shops'.
     */
    list(query: OrderQuery): Promise<{ orders: OrderRecord[]; nextCursor: string | null }>;
    stageCounts(shopIds: VisibleShops): Promise<Record<Stage, number>>;
    /** Orders in review, by reason. */
    reviewCounts(shopIds: VisibleShops): Promise<Map<ReasonCode, number>>;
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
    /** Orders whose fulfillment at this Amazon account may still move, read longest ago first. */
    openFulfillments(limit: number, amazonAccount: string): Promise<OrderRecord[]>;
    /**
     * Units promised per Amazon SKU: of every order not cancelled, completed or ignored, as last committed with
     * `promised`, each with the time its fulfillment was accepted (null: not accepted yet).
     */
    promisedUnits(): Promise<PromisedUnits[]>;
    /**
     * Orders that the provider accepted, and parcels reported to the channel, by the hour they were, of the newest
     * `most` orders and parcels. Hours without any are left out.
     */
    perHour(sinceMs: number, most: number): Promise<{ routed: HourCount[]; reported: HourCount[] }>;
  };
  returns: ReturnStore;
  skuMap: {
    all(): Promise<SkuMapEntry[]>;
    /** Also makes every order due that is not at the provider: what it needs is counted by the map. */
    replace(entries: readonly SkuMapEntry[], nowMs: number): Promise<void>;
  };
  inventory: InventoryStore;
  shops: ShopStore;
  accounts: AccountStore;
  people: PeopleStore;
  audit: AuditStore;
  /** Lists of orders that people kept for themselves; null stands for the holder of `ADMIN_TOKEN`. */
  views: {
    of(userId: string | null): Promise<SavedView[]>;
    /** Replaces one of the same name. False: the person has `most` others, and nothing was kept. */
    save(userId: string | null, view: SavedView, most: number): Promise<boolean>;
    remove(userId: string | null, name: string): Promise<boolean>;
  };
  outgoing: OutgoingStore;
  tokens: TokenStore;
  connect: ConnectStore;
  pausedSkus: PausedSkuStore;
  shadow: ShadowStore;
  /** Small named values: sweep positions, times of passes. */
  cursors: {
    get(name: string): Promise<string | null>;
    set(name: string, value: string): Promise<void>;
  };
  retention: RetentionStore;
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
