import type { FulfillmentPolicy, ShippingSpeed } from '../fulfillment/provider.ts';
import type { OrderKind } from '../orders/order-kinds.ts';

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
  /** Forgets them for good. */
  remove(account: string): Promise<void>;
};

/** What a shop does otherwise than the service's environment says; absent: as the environment says. */
export type ShopSettings = {
  bufferUnits?: number;
  bufferPercent?: number;
  speed?: ShippingSpeed | 'auto';
  fulfillmentPolicy?: FulfillmentPolicy;
  blockAmzl?: boolean;
  unbranded?: boolean;
  cancellation?: 'auto' | 'manual';
  holdKinds?: OrderKind[];
  resubmitStuck?: boolean;
  returnsToAmazon?: 'review' | 'create';
};

export type ShopRow = {
  channel: string;
  shopId: string;
  name: string | null;
  region: string | null;
  cipher: string | null;
  /** Key of the token pair that acts for it: `tiktok-shop` is the environment's, `tiktok-shop/<open_id>` one connected here. */
  authorization: string;
  /** The Amazon account that ships its orders: `amazon` is the environment's; null: none chosen yet. */
  amazonAccount: string | null;
  settings: ShopSettings;
  connectedAtMs: number | null;
  /** Nothing new is created at Amazon and no stock is pushed; tracking and cancellations go on. */
  pausedAtMs: number | null;
  /** The seller withdrew the authorisation: no call is made for it. */
  stoppedAtMs: number | null;
  authorizationExpiresAtMs: number | null;
};

/** How the shops of one Amazon account share its stock. A shop that `shares` or `priority` does not name has none. */
export type SharingRule =
  | { kind: 'all' }
  | { kind: 'shares'; percentByShop: Record<string, number> }
  | { kind: 'priority'; shops: { shopId: string; atMostUnits: number | null }[] };

export type AmazonAccountRow = {
  accountId: string;
  name: string | null;
  sellingPartnerId: string | null;
  region: 'na' | 'eu' | 'fe';
  marketplaceId: string;
  sharing: SharingRule;
  connectedAtMs: number | null;
  /** The authorisation was withdrawn: no call is made for it. */
  stoppedAtMs: number | null;
};

/** A connection that somebody began and has not come back from. */
export type ConnectState = {
  /** Of the `state` that went to the other side, which is kept nowhere. */
  stateHash: string;
  kind: string;
  /** Of the cookie in the browser that began it; null: no browser did. */
  browserHash: string | null;
  /** JSON: who began it, and what for. */
  detail: string;
  expiresAtMs: number;
};

/** A notification that a shop's authorisation ended (topic 6) or soon will (topic 7). */
export type AuthorisationNotice = {
  /** Its place in the order of arrival. */
  id: number;
  type: number;
  shopId: string;
  body: string | null;
  receivedAtMs: number;
};

export type ShopStore = {
  upsert(row: ShopRow): Promise<void>;
  all(): Promise<ShopRow[]>;
  find(shopId: string): Promise<ShopRow | null>;
  /** False when there is no such shop. */
  change(shopId: string, change: Partial<Omit<ShopRow, 'channel' | 'shopId'>>): Promise<boolean>;
  /** Only the shop itself: its orders stay. */
  remove(shopId: string): Promise<void>;
};

export type AccountStore = {
  upsert(row: AmazonAccountRow): Promise<void>;
  all(): Promise<AmazonAccountRow[]>;
  /** False when there is no such account. */
  change(accountId: string, change: Partial<Omit<AmazonAccountRow, 'accountId'>>): Promise<boolean>;
  remove(accountId: string): Promise<void>;
};

export type ConnectStore = {
  /** Also drops those that are too old. */
  addState(state: ConnectState, nowMs: number): Promise<void>;
  /** Takes it out, so that nobody gets it twice. Null: there is none, or it is too old. */
  takeState(stateHash: string, nowMs: number): Promise<ConnectState | null>;
  /** Notices behind a position, oldest first. */
  notices(position: number, limit: number): Promise<AuthorisationNotice[]>;
  /** Deletes what a seller's data leaves here: bodies of notifications, hashes of addresses, listings, deliveries. */
  forgetShop(channel: string, shopId: string): Promise<void>;
  /** Orders of an Amazon account that may still move there. */
  countOpenOrders(accountId: string): Promise<number>;
};
