/** Shops, and the Amazon accounts that ship for them. */
export const CONNECTION_TABLES = `
create table shops (
  channel text not null,
  shop_id text not null,
  name text,
  region text,
  cipher text,
  authorization text not null,
  amazon_account text,
  settings text not null,
  connected_at integer,
  paused_at integer,
  stopped_at integer,
  authorization_expires_at integer,
  primary key (channel, shop_id)
) strict, without rowid;

create table amazon_accounts (
  account_id text primary key,
  name text,
  selling_partner_id text,
  region text not null,
  marketplace_id text not null,
  sharing text not null,
  connected_at integer,
  stopped_at integer
) strict, without rowid;
`;
