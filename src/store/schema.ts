import type { Generated, Selectable } from 'kysely';
import type { DeliveryTables } from './schema-deliveries.ts';
import type { ShadowTables } from './schema-shadow.ts';

/** Times are Unix milliseconds, flags are 0 and 1, columns marked JSON hold JSON text. */
export type Database = ShadowTables &
  DeliveryTables & {
    shops: ShopsTable;
    amazon_accounts: AmazonAccountsTable;
    notifications: NotificationsTable;
    orders: OrdersTable;
    stage_counts: StageCountsTable;
    order_events: OrderEventsTable;
    order_calls: OrderCallsTable;
    order_units: OrderUnitsTable;
    packages: PackagesTable;
    returns: ReturnsTable;
    sku_map: SkuMapTable;
    stock: StockTable;
    listings: ListingsTable;
    tokens: TokensTable;
    cursors: CursorsTable;
    connect_states: ConnectStatesTable;
    users: UsersTable;
    sessions: SessionsTable;
    api_tokens: ApiTokensTable;
    audit: AuditTable;
    saved_views: SavedViewsTable;
    migrations: MigrationsTable;
  };

type ShopsTable = {
  channel: string;
  shop_id: string;
  name: string | null;
  region: string | null;
  cipher: string | null;
  authorization: string;
  amazon_account: string | null;
  /** JSON */
  settings: string;
  connected_at: number | null;
  paused_at: number | null;
  stopped_at: number | null;
  authorization_expires_at: number | null;
};

type AmazonAccountsTable = {
  account_id: string;
  name: string | null;
  selling_partner_id: string | null;
  region: string;
  marketplace_id: string;
  /** JSON */
  sharing: string;
  connected_at: number | null;
  stopped_at: number | null;
};

type NotificationsTable = {
  id: Generated<number>;
  channel: string;
  dedupe_key: string;
  type: number;
  shop_id: string;
  sent_at: number | null;
  received_at: number;
  /** The order that is hinted with it, where that is one of the same shop. */
  order_id: string | null;
  order_updated_at: number | null;
  body: string | null;
};

type OrdersTable = {
  /** Grows with every order, so it is also the order of arrival. */
  id: Generated<number>;
  channel: string;
  shop_id: string;
  order_id: string;
  stage: string;
  reason: string | null;
  detail: Generated<string | null>;
  fulfillment_id: Generated<string | null>;
  amazon_account: Generated<string | null>;
  fulfillment_count: Generated<number>;
  fulfillment_state: Generated<string | null>;
  fulfillment_updated_at: Generated<number | null>;
  accepted_at: Generated<number | null>;
  fulfillment_read_at: Generated<number | null>;
  request_hash: Generated<string | null>;
  address_hash: Generated<string | null>;
  /** JSON */
  items: Generated<string>;
  /** JSON */
  refusal: Generated<string | null>;
  /** JSON */
  intent: Generated<string | null>;
  recreate: Generated<number>;
  released: Generated<number>;
  taken_over: Generated<number>;
  speed: Generated<string | null>;
  /** JSON */
  fee: Generated<string | null>;
  /** JSON */
  stop: Generated<string | null>;
  /** JSON */
  cancel_request: Generated<string | null>;
  /** JSON */
  return_reviews: Generated<string>;
  resolved_at: Generated<number | null>;
  failures: Generated<number>;
  next_attempt_at: number | null;
  hint_seq: number;
  /** The last `hint_seq` that a look took in. */
  seen_seq: Generated<number>;
  hint_updated_at: number | null;
  order_created_at: Generated<number | null>;
  order_updated_at: Generated<number | null>;
  ship_by: Generated<number | null>;
  collect_by: Generated<number | null>;
  auto_cancel: Generated<number | null>;
  expected_ship: Generated<number | null>;
  expected_arrival: Generated<number | null>;
  /** JSON */
  snapshot: Generated<string | null>;
  lease_owner: Generated<string | null>;
  lease_until: Generated<number | null>;
  received_at: number;
};

type StageCountsTable = { shop_id: string; stage: string; orders: number };

type OrderEventsTable = { order_ref: number; seq: number; at: number; event: string; detail: string };

type OrderCallsTable = {
  order_ref: number;
  seq: number;
  at: number;
  upstream: string;
  operation: string;
  status: number | null;
  duration_ms: number;
  request_id: string | null;
  orders: number;
};

type OrderUnitsTable = { order_ref: number; amazon_sku: string; units: number };

type PackagesTable = {
  id: Generated<number>;
  order_ref: number;
  fulfillment_id: string;
  package_key: string;
  carrier_code: string | null;
  carrier_tracking: string | null;
  amazon_tracking: string | null;
  /** JSON */
  line_ids: string;
  /** JSON */
  allocations: string;
  reported_number: string | null;
  reported_carrier: string | null;
  reported_at: number | null;
  corrected_at: number | null;
  /** JSON */
  refusal: string | null;
  channel_package_id: string | null;
  warning: string | null;
};

type ReturnsTable = {
  channel: string;
  shop_id: string;
  return_id: string;
  order_id: string;
  type: string;
  state: string;
  raw_status: string;
  reason_code: string | null;
  /** JSON */
  line_ids: string;
  buyer_keeps_item: number;
  respond_by: number | null;
  updated_at: number;
  seq: number;
  /** Behind `seq` while something is to be decided. */
  settled_seq: Generated<number>;
  amazon_state: Generated<string | null>;
  requested_at: Generated<number | null>;
  /** JSON, ids only */
  amazon_rma: Generated<string>;
  asked_for: Generated<string | null>;
};

type SkuMapTable = {
  id: Generated<number>;
  shop_id: string | null;
  channel_sku: string;
  /** JSON */
  components: string;
};

type StockTable = {
  amazon_account: string;
  amazon_sku: string;
  fulfillable: number;
  promised: number;
  buffer: number;
  available: number;
  read_at: number;
};

type ListingsTable = {
  channel: string;
  shop_id: string;
  product_id: string;
  sku_id: string;
  seller_sku: string;
  /** JSON */
  components: string;
  pushed_quantity: number | null;
  pushed_at: number | null;
};

type TokensTable = { account: string; sealed: Uint8Array };

type ConnectStatesTable = {
  state_hash: string;
  kind: string;
  browser_hash: string | null;
  /** JSON */
  detail: string;
  expires_at: number;
};

type CursorsTable = { name: string; value: string };

type UsersTable = {
  user_id: string;
  name: string;
  name_key: string;
  role: string;
  /** JSON */
  shop_ids: string | null;
  password_hash: string | null;
  oidc_subject: string | null;
  created_at: number;
  disabled_at: number | null;
};

type SessionsTable = {
  hash: string;
  user_id: string | null;
  admin_token_hash: string | null;
  created_at: number;
  used_at: number;
  expires_at: number;
};

type ApiTokensTable = {
  token_id: string;
  hash: string;
  prefix: string;
  user_id: string;
  name: string;
  created_at: number;
  used_at: number | null;
  expires_at: number | null;
};

type AuditTable = {
  id: Generated<number>;
  at: number;
  who: string;
  user_id: string | null;
  action: string;
  target: string | null;
  shop_id: string | null;
  detail: string | null;
};

type SavedViewsTable = { id: Generated<number>; user_id: string | null; name: string; query: string };

type MigrationsTable = { id: number; name: string; applied_at: number };

export type UserTableRow = Selectable<UsersTable>;
export type AuditTableRow = Selectable<AuditTable>;
export type ShopsTableRow = Selectable<ShopsTable>;
export type AmazonAccountTableRow = Selectable<AmazonAccountsTable>;
export type OrderRow = Selectable<OrdersTable>;
export type PackageRow = Selectable<PackagesTable>;
export type ListingTableRow = Selectable<ListingsTable>;
export type ReturnTableRow = Selectable<ReturnsTable>;
