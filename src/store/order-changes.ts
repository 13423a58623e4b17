import { sql } from 'kysely';
import type { OrderEvent, PackageRecord } from '../orders/model.ts';
import { appendCalls } from './calls.ts';
import { type KeyValues, keyIs } from './order-queries.ts';
import type { Connection } from './sqlite/driver.ts';
import { queriesByShape, query, type Slot, type SqlValue } from './sqlite/query.ts';
import type { OrderChange } from './store.ts';

type PatchValues = KeyValues & Record<string, SqlValue>;

/** `a,b,c` as the assignments of these columns, each from the slot of its name. */
const assignments = (columns: string, slot: Slot<PatchValues>): Record<string, ReturnType<typeof slot>> =>
  Object.fromEntries(columns.split(',').map((column) => [column, slot(column)]));

/** Changes the columns of a shape while `owner` holds the lease. Patches come in few shapes. */
export const updateLeased = queriesByShape((columns) =>
  query<PatchValues>()((db, slot) =>
    db
      .updateTable('orders')
      .set(assignments(columns, slot))
      .where(keyIs(slot))
      .where('lease_owner', '=', sql<string>`${slot('owner')}`)
      .returning(['id', 'hint_seq']),
  ),
);

/** Changes the columns of a shape whoever holds the lease, and leaves a mark for that runner. */
export const updateAnyway = queriesByShape((columns) =>
  query<PatchValues>()((db, slot) =>
    db
      .updateTable('orders')
      .set({ ...assignments(columns, slot), hint_seq: sql`hint_seq + 1` })
      .where(keyIs(slot))
      .returning('id'),
  ),
);

const appendEvent = query<OrderEvent & { id: number }>()((db, slot) =>
  db.insertInto('order_events').values({
    order_ref: slot('id'),
    seq: sql<number>`(select coalesce(max(seq), 0) + 1 from order_events where order_ref = ${slot('id')})`,
    at: slot('atMs'),
    event: slot('event'),
    detail: slot('detail'),
  }),
);

type PackageValues = Omit<PackageRecord, 'lineIds' | 'allocations' | 'refusal'> & {
  id: number;
  lineIds: string;
  allocations: string;
  refusal: string | null;
};

const upsertPackage = query<PackageValues>()((db, slot) => {
  const contents = {
    carrier_code: slot('carrierCode'),
    carrier_tracking: slot('carrierTracking'),
    amazon_tracking: slot('amazonTracking'),
    line_ids: slot('lineIds'),
    allocations: slot('allocations'),
    reported_number: slot('reportedNumber'),
    reported_carrier: slot('reportedCarrier'),
    reported_at: slot('reportedAtMs'),
    corrected_at: slot('correctedAtMs'),
    refusal: slot('refusal'),
    channel_package_id: slot('channelPackageId'),
    warning: slot('warning'),
  };
  return db
    .insertInto('packages')
    .values({
      order_ref: slot('id'),
      fulfillment_id: slot('fulfillmentId'),
      package_key: slot('packageKey'),
      ...contents,
    })
    .onConflict((conflict) =>
      conflict.columns(['order_ref', 'fulfillment_id', 'package_key']).doUpdateSet(contents),
    );
});

const forgetUnits = query<{ id: number }>()((db, slot) =>
  db.deleteFrom('order_units').where('order_ref', '=', slot('id')),
);

const promiseUnits = query<{ id: number; amazonSku: string; units: number }>()((db, slot) =>
  db
    .insertInto('order_units')
    .values({ order_ref: slot('id'), amazon_sku: slot('amazonSku'), units: slot('units') })
    .onConflict((conflict) =>
      conflict.columns(['order_ref', 'amazon_sku']).doUpdateSet({ units: sql`units + excluded.units` }),
    ),
);

/** What a change holds beside the order's own row. Runs inside a write task. */
export const applyRest = (connection: Connection, id: number, change: OrderChange): void => {
  for (const event of change.events ?? [])
    connection.run(appendEvent, { id, atMs: event.atMs, event: event.event, detail: event.detail });
  appendCalls(connection, id, change.calls ?? []);
  for (const parcel of change.packages ?? []) {
    const lineIds = JSON.stringify(parcel.lineIds);
    const allocations = JSON.stringify(parcel.allocations);
    const refusal = parcel.refusal && JSON.stringify(parcel.refusal);
    connection.run(upsertPackage, { ...parcel, id, lineIds, allocations, refusal });
  }
  if (!change.promised) return;
  connection.run(forgetUnits, { id });
  for (const { amazonSku, units } of change.promised) connection.run(promiseUnits, { id, amazonSku, units });
};
