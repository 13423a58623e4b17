/** Connections under way, and the way to the notices about authorisations. */
export const CONNECT_TABLES = `
create table connect_states (
  state_hash text primary key,
  kind text not null,
  browser_hash text,
  detail text not null,
  expires_at integer not null
) strict, without rowid;

create index notifications_authorisation on notifications (id) where type in (6, 7);
`;
