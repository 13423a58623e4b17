import type { ChannelOrder, ChannelOrderStatus } from '../../src/channels/channel.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { createConverger } from '../../src/orders/converge.ts';
import type { Store } from '../../src/store/store.ts';
import { createFakeChannel, createFakeProvider } from '../fake-sides.ts';
import { contentsOf, linesOf, numberedParcelOf, orderOf, policyOf, SHOP } from '../fakes.ts';

/** What TikTok says of an order from its payment to its end, each with a notification. */
const LIFE: readonly [ChannelOrderStatus, string][] = [
  ['on_hold', 'ON_HOLD'],
  ['awaiting_shipment', 'AWAITING_SHIPMENT'],
  ['awaiting_collection', 'AWAITING_COLLECTION'],
  ['in_transit', 'IN_TRANSIT'],
  ['delivered', 'DELIVERED'],
  ['completed', 'COMPLETED'],
];

const bodyOf = (orderId: string, rawStatus: string, nowMs: number): string =>
  JSON.stringify({
    type: 1,
    tts_notification_id: `73271128939${orderId}`,
    shop_id: '7494049642642441621',
    timestamp: Math.floor(nowMs / 1000),
    data: {
      order_id: orderId,
      order_status: rawStatus,
      is_on_hold_order: rawStatus === 'ON_HOLD',
      update_time: Math.floor(nowMs / 1000),
    },
  });

/** An order of one line, every third of two. */
const placed = (index: number): ChannelOrder =>
  orderOf({
    orderId: String(576_461_413_000_000_000 + index * 1024),
    status: 'on_hold',
    lines: index % 3 === 0 ? linesOf('BLUE-MUG-350ML', 'TEE-BLACK-M') : linesOf('BLUE-MUG-350ML'),
  });

/**
 * Plays `count` whole lives, from the first notification to the completed order, through the real rules into a store:
 * six notifications each, one create, one parcel, one report.
 */
export const playTypicalLives = async (store: Store, clock: Clock, count: number): Promise<void> => {
  const channel = createFakeChannel(clock);
  const provider = createFakeProvider(clock);
  let runs = 0;
  const converger = createConverger({
    store,
    sidesFor: () => ({
      channel,
      shop: SHOP,
      provider,
      amazonAccount: 'amazon',
      reportsStopped: () => Promise.resolve(false),
    }),
    policy: () => policyOf(),
    clock,
    random: () => 0,
    backoff: { baseMs: 5_000, maxMs: 900_000 },
    newOwner: () => `run-${++runs}`,
    onFault: (error) => {
      throw error;
    },
  });

  const pack = (order: ChannelOrder, index: number): void => {
    const units = Object.fromEntries(order.lines.map((line) => [line.sellerSku, 1]));
    const carrierTracking = `1Z${String(index).padStart(16, '0')}`;
    const parcel = numberedParcelOf(1, { carrierTracking, contents: contentsOf(units) });
    provider.change(`TTS-${order.orderId}`, { state: 'complete', packages: [parcel] });
  };

  const live = async (index: number): Promise<void> => {
    const order = placed(index);
    const key = { channel: SHOP.channel, shopId: SHOP.shopId, orderId: order.orderId };
    channel.put(order);
    for (const [status, rawStatus] of LIFE) {
      if (status === 'awaiting_collection') {
        pack(order, index);
        await converger.converge(key);
      } else channel.change(order.orderId, { status, rawStatus });
      const nowMs = clock.nowMs();
      const body = bodyOf(order.orderId, rawStatus, nowMs);
      const dedupeKey = `${SHOP.shopId}/${order.orderId}/${rawStatus}`;
      const notification = {
        channel: SHOP.channel,
        dedupeKey,
        type: 1,
        shopId: SHOP.shopId,
        sentAtMs: nowMs,
        body,
      };
      await store.notifications.accept(notification, [{ key, updatedAtMs: null }], nowMs);
      await converger.converge(key);
    }
  };

  const width = 50;
  for (let from = 0; from < count; from += width) {
    const indexes = Array.from({ length: Math.min(width, count - from) }, (_, offset) => from + offset);
    await Promise.all(indexes.map(live));
  }
};
