import { daysToMs, systemClock } from '../../src/lib/clock.ts';
import type { OrderKey, Stage } from '../../src/orders/model.ts';
import type { ReasonCode } from '../../src/orders/reasons.ts';
import type { OrderChange, Store } from '../../src/store/store.ts';

/** One of so many orders is open. */
const CLOSED_PER_OPEN = 9;
const BATCH = 500;
export const CHANNEL = 'tiktok-shop';
export const SHOP_ID = '7494049642642441621';
const DAY_MS = daysToMs(1);

const OPEN: readonly [Stage, ReasonCode][] = [
  ['waiting', 'unpaid'],
  ['routing', 'awaiting_quota'],
  ['fulfilling', 'at_amazon'],
  ['review', 'sku_unmapped'],
];

export const keyOf = (index: number): OrderKey => ({
  channel: CHANNEL,
  shopId: SHOP_ID,
  orderId: `57690${String(index).padStart(13, '0')}`,
});

const snapshot: NonNullable<OrderChange['patch']['snapshot']> = {
  status: 'to_ship',
  rawStatus: 'AWAITING_SHIPMENT',
  total: { currency: 'USD', value: '12.50' },
  deliveryOptionName: 'Standard',
  lines: [],
};

const changeOf = (index: number, nowMs: number): OrderChange => {
  const isOpen = index % (CLOSED_PER_OPEN + 1) === 0;
  const at = Math.floor(index / (CLOSED_PER_OPEN + 1)) % OPEN.length;
  const [stage, reason] = (isOpen ? OPEN[at] : undefined) ?? ['completed', 'completed'];
  const shipByMs = nowMs + DAY_MS + index;
  return {
    patch: { stage, reason, snapshot, orderUpdatedAtMs: nowMs, shipByMs, nextAttemptAtMs: null },
    promised: [{ amazonSku: `SKU-${index % 100}`, units: 1 }],
  };
};

/** Writes so many orders, a tenth of them open, in every open stage. None is due. */
export const fillOrders = async (store: Store, orders: number): Promise<void> => {
  for (let from = 0; from < orders; from += BATCH) {
    const nowMs = systemClock.nowMs();
    const indexes = Array.from({ length: Math.min(BATCH, orders - from) }, (_, at) => from + at);
    await store.orders.hint(
      indexes.map((index) => ({ key: keyOf(index), updatedAtMs: null })),
      nowMs,
    );
    await Promise.all(
      indexes.map((index) => store.orders.amend(keyOf(index), changeOf(index, nowMs), nowMs)),
    );
  }
};
