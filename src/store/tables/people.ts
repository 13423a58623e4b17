/** Who may use the service, by which keys, and what they did. */
export const PEOPLE_TABLES = `
create table users (
  user_id text primary key,
  name text not null,
  name_key text not null unique,
  role text not null,
  shop_ids text,
  password_hash text,
  oidc_subject text unique,
  created_at integer not null,
  disabled_at integer
) strict, without rowid;

create table sessions (
  hash text primary key,
  user_id text references users on delete cascade,
  admin_token_hash text,
  created_at integer not null,
  used_at integer not null,
  expires_at integer not null
) strict, without rowid;
create index sessions_by_user on sessions (user_id);

create table api_tokens (
  token_id text primary key,
  hash text not null unique,
  prefix text not null,
  user_id text not null references users on delete cascade,
  name text not null,
  created_at integer not null,
  used_at integer,
  expires_at integer
) strict, without rowid;
create index api_tokens_by_user on api_tokens (user_id);

create table audit (
  id integer primary key autoincrement,
  at integer not null,
  who text not null,
  user_id text,
  action text not null,
  target text,
  shop_id text,
  detail text
) strict;
create index audit_by_who on audit (who);
create index audit_by_action on audit (action);
create index audit_by_target on audit (target);
`;
