/** A parcel as an event names it. */
const PARCEL = `json_object(
    'carrier', new.reported_carrier, 'trackingNumber', new.reported_number, 'lineIds', json(new.line_ids))`;

const dataWith = (packages: string): string => `json_object(
    'channel', o.channel, 'shopId', o.shop_id, 'orderId', o.order_id, 'stage', o.stage, 'reason', o.reason,
    'detail', o.detail, 'fulfillmentId', o.fulfillment_id, 'packages', ${packages})`;

/**
 * One delivery for every endpoint in use that wants an event of this order, in the transaction of the change itself:
 * an event is written down exactly if its change is. Without endpoints the outer loop has no rows.
 */
const deliver = (event: { order: string; atMs: string; packages: string; wanted: string }): string => `
  insert into deliveries
    (endpoint_id, message_id, type, at, shop_id, order_id, data, status, next_attempt_at)
  select e.endpoint_id, 'msg_' || lower(hex(randomblob(16))), wanted.value, ${event.atMs}, o.shop_id, o.order_id,
    ${dataWith(event.packages)}, 'waiting', ${event.atMs}
  from outgoing_endpoints e cross join json_each(e.events) wanted cross join orders o
  where e.disabled_at is null and o.id = ${event.order}
    and (e.shop_ids is null or o.shop_id in (select value from json_each(e.shop_ids)))
    and ${event.wanted};`;

/** The stage that the line before this one of the timeline told of. */
const STAGE_BEFORE = `(select event from order_events where order_ref = new.order_ref and seq < new.seq
      and event glob 'stage_*' order by seq desc limit 1)`;

/** Outgoing webhooks: where they go, and what has gone or is to go there. */
export const DELIVERY_TABLES = `
create table outgoing_endpoints (
  endpoint_id text primary key,
  url text not null,
  description text,
  events text not null,
  shop_ids text,
  secrets blob not null,
  created_at integer not null,
  disabled_at integer,
  disabled_why text,
  failing_since integer,
  last_error text
) strict, without rowid;

create table deliveries (
  id integer primary key autoincrement,
  endpoint_id text not null references outgoing_endpoints on delete cascade,
  message_id text not null unique,
  type text not null,
  at integer not null,
  shop_id text,
  order_id text,
  data text not null,
  status text not null,
  attempts integer not null default 0,
  next_attempt_at integer,
  last_attempt_at integer,
  last_status integer,
  last_error text
) strict;
create index deliveries_due on deliveries (endpoint_id, next_attempt_at, id) where next_attempt_at is not null;
create index deliveries_of_endpoint on deliveries (endpoint_id, id);
create index deliveries_of_order on deliveries (order_id, id);
create index deliveries_by_status on deliveries (status, id);

create trigger deliver_routed after update of accepted_at on orders
  when new.accepted_at is not null and old.accepted_at is null
begin${deliver({ order: 'new.id', atMs: 'new.accepted_at', packages: "json('[]')", wanted: "wanted.value = 'order.routed'" })}
end;
create trigger deliver_shipped after insert on packages when new.reported_at is not null
begin${deliver({ order: 'new.order_ref', atMs: 'new.reported_at', packages: `json_array(${PARCEL})`, wanted: "wanted.value = 'order.shipped'" })}
end;
create trigger deliver_shipped_later after update of reported_number, reported_at on packages
  when new.reported_at is not null and (old.reported_at is null or new.reported_number is not old.reported_number)
begin${deliver({ order: 'new.order_ref', atMs: 'coalesce(new.corrected_at, new.reported_at)', packages: `json_array(${PARCEL})`, wanted: "wanted.value = 'order.shipped'" })}
end;
create trigger deliver_stage after insert on order_events when new.event glob 'stage_*'
begin${deliver({
  order: 'new.order_ref',
  atMs: 'new.at',
  packages: "json('[]')",
  wanted: `case wanted.value
      when 'order.review' then new.event = 'stage_review'
      when 'order.review_resolved' then new.event <> 'stage_review' and ${STAGE_BEFORE} = 'stage_review'
      when 'order.cancelled' then new.event = 'stage_cancelled' and ${STAGE_BEFORE} is not 'stage_cancelled'
      when 'order.completed' then new.event = 'stage_completed' and ${STAGE_BEFORE} is not 'stage_completed'
      else 0 end`,
})}
end;
`;
