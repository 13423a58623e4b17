import type { FulfillmentState } from '../fulfillment/provider.ts';
import { type OrderRecord, type PackageRecord, STAGES, type Stage } from '../orders/model.ts';
import { isReasonCode } from '../orders/reasons.ts';
import {
  allocations,
  cancelRequest,
  intent,
  items,
  lineIds,
  money,
  readColumn,
  readNullableColumn,
  refusal,
  returnReviews,
  snapshot,
  stop,
} from './json-columns.ts';
import type { OrderRow, PackageRow } from './schema.ts';
import type { SqlValue } from './sqlite/query.ts';
import type { OrderPatch } from './store.ts';

const FULFILLMENT_STATES: Record<FulfillmentState, true> = {
  submitted: true,
  accepted: true,
  planning: true,
  processing: true,
  complete: true,
  partial: true,
  cancelled: true,
  unfulfillable: true,
  invalid: true,
  unknown: true,
};

const isFulfillmentState = (text: string): text is FulfillmentState =>
  Object.hasOwn(FULFILLMENT_STATES, text);

const isStage = (text: string): text is Stage => STAGES.some((stage) => stage === text);

/** A stage as stored; throws for one that this version does not know. */
export const readStage = (text: string): Stage => {
  if (!isStage(text)) throw new Error('An order is in a stage that this version does not know.');
  return text;
};

const readState = (text: string | null): FulfillmentState | null => {
  if (text === null) return null;
  return isFulfillmentState(text) ? text : 'unknown';
};

export const toPackage = (row: PackageRow): PackageRecord => ({
  fulfillmentId: row.fulfillment_id,
  packageKey: row.package_key,
  carrierCode: row.carrier_code,
  carrierTracking: row.carrier_tracking,
  amazonTracking: row.amazon_tracking,
  lineIds: readColumn(lineIds, row.line_ids, 'packages.line_ids'),
  allocations: readColumn(allocations, row.allocations, 'packages.allocations'),
  reportedNumber: row.reported_number,
  reportedCarrier: row.reported_carrier,
  reportedAtMs: row.reported_at,
  correctedAtMs: row.corrected_at,
  refusal: readNullableColumn(refusal, row.refusal, 'packages.refusal'),
  channelPackageId: row.channel_package_id,
  warning: row.warning,
});

export const toRecord = (row: OrderRow, packages: readonly PackageRow[]): OrderRecord => ({
  key: { channel: row.channel, shopId: row.shop_id, orderId: row.order_id },
  stage: readStage(row.stage),
  reason: row.reason !== null && isReasonCode(row.reason) ? row.reason : null,
  detail: row.detail,
  fulfillmentId: row.fulfillment_id,
  amazonAccount: row.amazon_account,
  fulfillmentCount: row.fulfillment_count,
  fulfillmentState: readState(row.fulfillment_state),
  fulfillmentUpdatedAtMs: row.fulfillment_updated_at,
  acceptedAtMs: row.accepted_at,
  fulfillmentReadAtMs: row.fulfillment_read_at,
  requestHash: row.request_hash,
  addressHash: row.address_hash,
  items: readColumn(items, row.items, 'orders.items'),
  refusal: readNullableColumn(refusal, row.refusal, 'orders.refusal'),
  intent: readNullableColumn(intent, row.intent, 'orders.intent'),
  recreate: row.recreate === 1,
  released: row.released === 1,
  takenOver: row.taken_over === 1,
  speed: row.speed,
  fee: readNullableColumn(money, row.fee, 'orders.fee'),
  stop: readNullableColumn(stop, row.stop, 'orders.stop'),
  cancelRequest: readNullableColumn(cancelRequest, row.cancel_request, 'orders.cancel_request'),
  returnReviews: readColumn(returnReviews, row.return_reviews, 'orders.return_reviews'),
  resolvedAtMs: row.resolved_at,
  failures: row.failures,
  nextAttemptAtMs: row.next_attempt_at,
  hintSeq: row.hint_seq,
  hintUpdatedAtMs: row.hint_updated_at,
  orderCreatedAtMs: row.order_created_at,
  orderUpdatedAtMs: row.order_updated_at,
  shipByMs: row.ship_by,
  collectByMs: row.collect_by,
  autoCancelMs: row.auto_cancel,
  expectedShipAtMs: row.expected_ship,
  expectedArrivalAtMs: row.expected_arrival,
  snapshot: readNullableColumn(snapshot, row.snapshot, 'orders.snapshot'),
  packages: packages.map(toPackage),
});

type PatchColumn = Exclude<
  keyof OrderRow,
  | 'id'
  | 'channel'
  | 'shop_id'
  | 'order_id'
  | 'hint_seq'
  | 'seen_seq'
  | 'hint_updated_at'
  | 'lease_owner'
  | 'lease_until'
  | 'received_at'
>;

const PATCH_COLUMNS: Record<keyof OrderPatch, PatchColumn> = {
  stage: 'stage',
  reason: 'reason',
  detail: 'detail',
  fulfillmentId: 'fulfillment_id',
  amazonAccount: 'amazon_account',
  fulfillmentCount: 'fulfillment_count',
  fulfillmentState: 'fulfillment_state',
  fulfillmentUpdatedAtMs: 'fulfillment_updated_at',
  acceptedAtMs: 'accepted_at',
  fulfillmentReadAtMs: 'fulfillment_read_at',
  requestHash: 'request_hash',
  addressHash: 'address_hash',
  items: 'items',
  refusal: 'refusal',
  intent: 'intent',
  recreate: 'recreate',
  released: 'released',
  takenOver: 'taken_over',
  speed: 'speed',
  fee: 'fee',
  stop: 'stop',
  cancelRequest: 'cancel_request',
  returnReviews: 'return_reviews',
  resolvedAtMs: 'resolved_at',
  failures: 'failures',
  nextAttemptAtMs: 'next_attempt_at',
  orderCreatedAtMs: 'order_created_at',
  orderUpdatedAtMs: 'order_updated_at',
  shipByMs: 'ship_by',
  collectByMs: 'collect_by',
  autoCancelMs: 'auto_cancel',
  expectedShipAtMs: 'expected_ship',
  expectedArrivalAtMs: 'expected_arrival',
  snapshot: 'snapshot',
};

const isPatchField = (field: string): field is keyof OrderPatch => Object.hasOwn(PATCH_COLUMNS, field);

const toSql = (value: OrderPatch[keyof OrderPatch] & {}): SqlValue => {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'object' ? JSON.stringify(value) : value;
};

/** The columns that a patch names, with their values. */
export const patchValues = (patch: OrderPatch): Record<string, SqlValue> => {
  const values: Record<string, SqlValue> = {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === undefined || !isPatchField(field)) continue;
    values[PATCH_COLUMNS[field]] = value === null ? null : toSql(value);
  }
  return values;
};
