import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrderKey, PackageRecord } from '../../src/orders/model.ts';
import type { NewNotification, OrderChange, OrderPatch } from '../../src/store/store.ts';

/** A directory of its own; the second value removes it. */
export const temporaryDirectory = (): [path: string, remove: () => void] => {
  const path = mkdtempSync(join(tmpdir(), 'mcf-store-'));
  return [path, () => rmSync(path, { recursive: true, force: true })];
};

export const keyOf = (orderId: string, shopId = 'shop-1'): OrderKey => ({
  channel: 'tiktok-shop',
  shopId,
  orderId,
});

export const hintOf = (orderId: string, updatedAtMs: number | null = null) => ({
  key: keyOf(orderId),
  updatedAtMs,
});

export const notificationOf = (dedupeKey: string): NewNotification => ({
  channel: 'tiktok-shop',
  dedupeKey,
  type: 1,
  shopId: 'shop-1',
  sentAtMs: 5,
  body: '{"type":1}',
});

export const packageOf = (packageKey: string, over: Partial<PackageRecord> = {}): PackageRecord => ({
  fulfillmentId: 'TTS-1',
  packageKey,
  carrierCode: 'UPS',
  carrierTracking: null,
  amazonTracking: null,
  lineIds: ['l1'],
  allocations: [{ lineId: 'l1', amazonSku: 'A', quantity: 1 }],
  reportedNumber: null,
  reportedCarrier: null,
  reportedAtMs: null,
  correctedAtMs: null,
  refusal: null,
  channelPackageId: null,
  warning: null,
  ...over,
});

export const changeOf = (patch: OrderPatch): OrderChange => ({ patch });

/** Every field that a patch can hold, none at its initial value. */
export const FULL_PATCH: Required<OrderPatch> = {
  stage: 'fulfilling',
  reason: 'at_amazon',
  detail: 'two parcels',
  fulfillmentId: 'TTS-1-2',
  amazonAccount: 'amazon',
  fulfillmentCount: 2,
  fulfillmentState: 'processing',
  fulfillmentUpdatedAtMs: 11,
  acceptedAtMs: 12,
  fulfillmentReadAtMs: 13,
  requestHash: 'hash',
  addressHash: 'keyed',
  items: [{ itemId: 'i1', amazonSku: 'A', quantity: 2 }],
  refusal: { requestHash: 'hash', reason: 'sku_unknown', detail: 'A' },
  intent: {
    kind: 'ship',
    atMs: 14,
    inFlight: true,
    packageKey: 'p1',
    lineIds: ['l1', 'l2'],
    trackingNumber: '1Z',
  },
  recreate: true,
  stop: { fulfillmentId: 'TTS-1', triedAtMs: 15, refused: true, remake: true },
  cancelRequest: { reason: 'changed mind', keepOrder: true, sentAtMs: 25 },
  returnReviews: [{ returnId: 'r1', reason: 'return_needs_action', detail: 'd', respondByMs: 25 }],
  resolvedAtMs: 16,
  failures: 3,
  nextAttemptAtMs: 17,
  orderCreatedAtMs: 18,
  orderUpdatedAtMs: 19,
  shipByMs: 20,
  autoCancelMs: 21,
  collectByMs: 22,
  expectedShipAtMs: 23,
  expectedArrivalAtMs: 24,
  released: true,
  takenOver: true,
  speed: 'Expedited',
  fee: { currency: 'USD', value: '9.46' },
  snapshot: {
    status: 'to_ship',
    rawStatus: 'AWAITING_SHIPMENT',
    total: { currency: 'USD', value: '12.50' },
    deliveryOptionName: 'Standard',
    lines: [
      {
        lineId: 'l1',
        skuId: 's1',
        sku: 'BUNDLE',
        units: 1,
        status: 'open',
        components: [{ amazonSku: 'A', quantity: 2 }],
      },
    ],
  },
};
