/** The fulfillment may still move: a query that uses the index of it has to say exactly this. */
export const OPEN_FULFILLMENT = `accepted_at is not null and case
  when stage in ('routing', 'fulfilling') then 1
  when stage in ('shipped', 'review')
    then coalesce(fulfillment_state, '') not in ('complete', 'partial', 'cancelled', 'unfulfillable', 'invalid')
  else 0 end`;

/** Orders without a ship-by time come last. A query that is to be sorted by its index has to say exactly this. */
export const REVIEW_DEADLINE = 'coalesce(ship_by, 9007199254740991)';

/**
 * Acknowledged, and never read at the channel: every order begins so. The indexes of stages and reasons leave these out,
 * because a burst of webhooks would pay for them. A case, so that SQLite takes the index made for it and no other one.
 */
export const UNREAD = `case when snapshot is null then stage = 'waiting' else 0 end`;
export const READ = `case when snapshot is null then stage <> 'waiting' else 1 end`;

/** As `READ`, in words of its own: SQLite then takes the index of shops for it and no other one. */
export const READ_OF_SHOP = `(${READ}) = 1`;

/**
 * A deadline can still be missed. A case, so that SQLite does not go through the index of stages instead; the times come
 * first, because a list of more than two stages is made into a table each time it is asked.
 */
export const HAS_DEADLINE = `case when ship_by is null and auto_cancel is null then 0
  else stage in ('waiting', 'routing', 'fulfilling', 'review') end`;

/**
 * Due, at the provider, and something happened to it or is to be finished. A case, like those below, so that SQLite
 * takes this index and no other one.
 */
export const MOVED = `case when next_attempt_at is null or accepted_at is null then 0
  else hint_seq > seen_seq or failures > 0 or stage = 'routing' end`;

/** Its last look failed. */
export const FAILED = 'case when next_attempt_at is null then 0 else failures > 0 end';

/** Waits for its turn at the provider's quota of creates, the nearest deadline first, unknown ones last. */
export const READY = `case when reason = 'awaiting_quota' then 1 else 0 end`;
export const CREATE_BY = `min(coalesce(ship_by, 9007199254740991), coalesce(auto_cancel, 9007199254740991))`;

/** The sooner of an order's deadlines; one that Amazon means to miss counts as if it were long ago. */
export const FIRST_DEADLINE = `min(coalesce(auto_cancel, 9007199254740991),
  case when expected_ship > ship_by then 0 else coalesce(ship_by, 9007199254740991) end)`;

const readIn = (row: 'new' | 'old'): string => `(${READ.replaceAll(/snapshot|stage/g, `${row}.$&`)})`;

/*
 * Tables are STRICT: SQLite then refuses a value that is not of its column's type, which is what makes the types in
 * schema.ts true for every row that is read. Indexes are partial where most rows would never be looked up through
 * them: an order just received pays for the indexes that concern it and no others.
 */
/** Orders, what they are made of, and what is known of stock: the tables of the first version. */
export const ORDER_TABLES = `
/* The order columns come before the body, which may lie on pages of its own. */
create table notifications (
  id integer primary key,
  channel text not null,
  dedupe_key text not null,
  type integer not null,
  shop_id text not null,
  sent_at integer,
  received_at integer not null,
  order_id text,
  order_updated_at integer,
  body text
) strict;
create unique index notifications_dedupe on notifications (dedupe_key, channel);

create table orders (
  id integer primary key,
  channel text not null,
  shop_id text not null,
  order_id text not null,
  stage text not null,
  reason text,
  detail text,
  fulfillment_id text,
  amazon_account text,
  fulfillment_count integer not null default 0,
  fulfillment_state text,
  fulfillment_updated_at integer,
  accepted_at integer,
  fulfillment_read_at integer,
  request_hash text,
  address_hash text,
  items text not null default '[]',
  refusal text,
  intent text,
  recreate integer not null default 0,
  released integer not null default 0,
  taken_over integer not null default 0,
  speed text,
  fee text,
  stop text,
  cancel_request text,
  return_reviews text not null default '[]',
  resolved_at integer,
  failures integer not null default 0,
  next_attempt_at integer,
  hint_seq integer not null,
  seen_seq integer not null default 0,
  hint_updated_at integer,
  order_created_at integer,
  order_updated_at integer,
  ship_by integer,
  collect_by integer,
  auto_cancel integer,
  expected_ship integer,
  expected_arrival integer,
  lease_owner text,
  lease_until integer,
  received_at integer not null,
  snapshot text
) strict;
create unique index orders_key on orders (order_id, shop_id, channel);
create index orders_due on orders (shop_id, next_attempt_at, id)
  where next_attempt_at is not null and accepted_at is null;
create index orders_due_ready on orders (shop_id, ${CREATE_BY}, id) where ${READY};
create index orders_due_moved on orders (shop_id, next_attempt_at, id)
  where ${MOVED};
create index orders_due_placed on orders (shop_id, next_attempt_at, id)
  where next_attempt_at is not null and accepted_at is not null;
create index orders_failed on orders (id) where ${FAILED};
create index orders_leased on orders (lease_until) where lease_until is not null;
create index orders_stage on orders (stage, id) where ${READ};
create index orders_shop on orders (shop_id, stage, id) where ${READ_OF_SHOP};
create index orders_reason on orders (reason, id, stage, shop_id) where ${READ};
create index orders_review on orders (stage, ${REVIEW_DEADLINE}, id, shop_id) where stage = 'review';
create index orders_review_reason on orders (stage, reason, ${REVIEW_DEADLINE}, id, shop_id) where stage = 'review';
create index orders_deadline on orders (${FIRST_DEADLINE}) where ${HAS_DEADLINE};
create index orders_unread on orders (id, stage, snapshot) where ${UNREAD};
create index orders_fulfillment on orders (fulfillment_id, amazon_account) where fulfillment_id is not null;
create index orders_open_fulfillment on orders (amazon_account, fulfillment_read_at) where ${OPEN_FULFILLMENT};

/* How many orders of a shop that were read are in a stage. Orders are inserted unread, so that an insert counts nothing. */
create table stage_counts (
  shop_id text not null,
  stage text not null,
  orders integer not null,
  primary key (shop_id, stage)
) strict, without rowid;
create trigger orders_enter_stage after update of stage, snapshot on orders
  when ${readIn('new')} and (new.stage <> old.stage or not ${readIn('old')})
begin
  insert into stage_counts values (new.shop_id, new.stage, 1) on conflict do update set orders = orders + 1;
end;
create trigger orders_leave_stage after update of stage, snapshot on orders
  when ${readIn('old')} and (new.stage <> old.stage or not ${readIn('new')})
begin
  update stage_counts set orders = orders - 1 where shop_id = old.shop_id and stage = old.stage;
end;
create trigger orders_leave after delete on orders when ${readIn('old')}
begin
  update stage_counts set orders = orders - 1 where shop_id = old.shop_id and stage = old.stage;
end;

create table order_events (
  order_ref integer not null references orders (id),
  seq integer not null,
  at integer not null,
  event text not null,
  detail text not null,
  primary key (order_ref, seq)
) strict, without rowid;

create table order_units (
  order_ref integer not null references orders (id),
  amazon_sku text not null,
  units integer not null,
  primary key (order_ref, amazon_sku)
) strict, without rowid;

create table packages (
  id integer primary key,
  order_ref integer not null references orders (id),
  fulfillment_id text not null,
  package_key text not null,
  carrier_code text,
  carrier_tracking text,
  amazon_tracking text,
  line_ids text not null,
  allocations text not null,
  reported_number text,
  reported_carrier text,
  reported_at integer,
  corrected_at integer,
  refusal text,
  channel_package_id text,
  warning text
) strict;
create unique index packages_key on packages (order_ref, fulfillment_id, package_key);
create index packages_warned on packages (order_ref) where warning is not null;
create index packages_reported_number on packages (reported_number) where reported_number is not null;
create index packages_carrier_tracking on packages (carrier_tracking) where carrier_tracking is not null;
create index packages_amazon_tracking on packages (amazon_tracking) where amazon_tracking is not null;

create table returns (
  channel text not null,
  shop_id text not null,
  return_id text not null,
  order_id text not null,
  type text not null,
  state text not null,
  raw_status text not null,
  reason_code text,
  line_ids text not null,
  buyer_keeps_item integer not null,
  respond_by integer,
  updated_at integer not null,
  seq integer not null,
  settled_seq integer not null default 0,
  amazon_state text,
  requested_at integer,
  amazon_rma text not null default '[]',
  asked_for text,
  primary key (channel, shop_id, order_id, return_id)
) strict, without rowid;
create index returns_unsettled on returns (channel, shop_id, updated_at) where settled_seq < seq;

create table sku_map (
  id integer primary key,
  shop_id text,
  channel_sku text not null,
  components text not null
) strict;
create unique index sku_map_key on sku_map (channel_sku, coalesce(shop_id, ''));

create table stock (
  amazon_account text not null,
  amazon_sku text not null,
  fulfillable integer not null,
  promised integer not null,
  buffer integer not null,
  available integer not null,
  read_at integer not null,
  primary key (amazon_account, amazon_sku)
) strict, without rowid;

create table listings (
  channel text not null,
  shop_id text not null,
  product_id text not null,
  sku_id text not null,
  seller_sku text not null,
  components text not null,
  pushed_quantity integer,
  pushed_at integer,
  primary key (channel, shop_id, product_id, sku_id)
) strict, without rowid;

create table tokens (
  account text primary key,
  sealed blob not null
) strict, without rowid;

create table cursors (
  name text primary key,
  value text not null
) strict, without rowid;
`;
