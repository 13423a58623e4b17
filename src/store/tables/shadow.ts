/** What is paused, and what MODE=shadow recorded in the place of doing it. */
export const SHADOW_TABLES = `
create table paused_skus (
  shop_id text,
  amazon_sku text not null,
  paused_at integer not null
) strict;
create unique index paused_skus_key on paused_skus (amazon_sku, coalesce(shop_id, ''));

create table shadow_actions (
  channel text not null,
  shop_id text not null,
  order_id text not null,
  kind text not null,
  subject text not null,
  at integer not null,
  what text not null,
  primary key (channel, shop_id, order_id, kind, subject)
) strict, without rowid;

create table shadow_orders (
  channel text not null,
  shop_id text not null,
  order_id text not null,
  status text not null,
  first_seen_at integer not null,
  seen_at integer not null,
  ship_by integer,
  shipped_by integer,
  cancelled_by integer,
  parcels text not null,
  primary key (channel, shop_id, order_id)
) strict, without rowid;

create table shadow_stock (
  channel text not null,
  shop_id text not null,
  sku_id text not null,
  seller_sku text not null,
  ours integer not null,
  shown integer not null,
  at integer not null,
  primary key (channel, shop_id, sku_id)
) strict, without rowid;
`;
