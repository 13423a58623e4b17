import type { OrderSnapshot } from '../amazon/index.ts';
import { type Scene, sumUnits, unitsText } from './scene.ts';

/** The number of each package, as it was seen last. */
type Known = { state: string; numbers: Map<number, string> };

const STATES: Readonly<Record<string, string>> = {
  Processing: 'picks and packs it; from here on it cannot be stopped',
  Complete: 'has handed every parcel to its carrier',
  CompletePartialled: 'has shipped a part and will not ship the rest',
  Cancelled: 'has cancelled it, and ships nothing of it',
  Unfulfillable: 'cannot fulfil it',
  Invalid: 'finds it invalid',
};

const orderName = (scene: Scene, fulfillmentId: string): string => {
  const order = scene.placed.find(({ orderId }) => fulfillmentId.startsWith(`TTS-${orderId}`));
  return order ? `#${order.number}` : fulfillmentId;
};

const tellParcels = (scene: Scene, order: OrderSnapshot, known: Known, sinceMs: number): void => {
  for (const { packageNumber, trackingNumber, carrier, items } of order.parcels) {
    const before = known.numbers.get(packageNumber);
    if (trackingNumber === undefined || before === trackingNumber) continue;
    known.numbers.set(packageNumber, trackingNumber);
    const nth =
      order.parcels.length > 1 ? `parcel ${known.numbers.size} of ${order.parcels.length}` : 'the parcel';
    const text =
      before === undefined
        ? `packs ${nth} with ${unitsText(sumUnits(items))}: ${carrier} ${trackingNumber}`
        : `plans anew, and ships it by another carrier: ${carrier} ${trackingNumber} instead of ${before}`;
    // The simulator keeps no time of it; it was not there at the last look.
    scene.story.tell(sinceMs, 'Amazon', `${orderName(scene, order.fulfillmentId)} ${text}`);
  }
};

/** MCF orders as they come, move and get parcels. */
export const watchAmazon = (scene: Scene): (() => void) => {
  const orders = new Map<string, Known>();
  let lastLookMs = scene.world.clock.nowMs();

  const tell = (order: OrderSnapshot): void => {
    const { fulfillmentId, state } = order;
    const name = orderName(scene, fulfillmentId);
    const known = orders.get(fulfillmentId) ?? { state: 'New', numbers: new Map() };
    if (!orders.has(fulfillmentId)) {
      const text = `${name} takes the MCF order ${fulfillmentId}: ${unitsText(sumUnits(order.items))}`;
      scene.story.tell(order.createdAtMs, 'Amazon', text);
      orders.set(fulfillmentId, known);
    }
    const words = STATES[state];
    if (state !== known.state && words) {
      scene.story.tell(order.updatedAtMs, 'Amazon', `${name} ${words} (${state})`);
    }
    known.state = state;
    tellParcels(scene, order, known, lastLookMs);
  };

  return () => {
    const nowMs = scene.world.clock.nowMs();
    for (const order of scene.world.amazon.orders()) tell(order);
    lastLookMs = nowMs;
  };
};
