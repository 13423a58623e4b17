/** The last calls to both sides about an order: names and numbers, no bodies and no addresses. */
export const CALL_TABLES = `
create table order_calls (
  order_ref integer not null references orders (id),
  seq integer not null,
  at integer not null,
  upstream text not null,
  operation text not null,
  status integer,
  duration_ms integer not null,
  request_id text,
  orders integer not null,
  primary key (order_ref, seq)
) strict, without rowid;
`;
