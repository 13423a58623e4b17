import type { LifeName } from './cast.ts';
import { mcfOrdersOf, type Placed, placedAs, type Scene, sleepUntil, until } from './scene.ts';
import type { Who } from './story.ts';
import { MINUTE_MS } from './world.ts';

/** What a seller fears most, in the order it is placed. */
export const FEARED: readonly LifeName[] = ['regretted', 'tooLate', 'moved', 'stuck', 'renumbered'];

/** When their holds end, one after the other: minutes from the opening, an hour after the last was placed. */
const FIRST_HOLD_ENDS = 128;
const THINKING_MS = 3 * MINUTE_MS;
/** Amazon takes its time with some of them: a busy machine must not decide who is too late. */
const SLOW_PACKING_MS = 80 * MINUTE_MS;

const tell = (scene: Scene, who: Who, text: string): void => {
  scene.story.tell(Math.floor(scene.world.clock.nowMs() / 1000) * 1000, who, text);
};

const firstMcfOrder = (scene: Scene, { orderId }: Placed) => mcfOrdersOf(scene, orderId)[0];

const nameOfBuyer = ({ life }: Placed): string => `${life.buyer.first} ${life.buyer.last}`;

/** The first MCF order of an order; one that is made anew goes the usual way. */
const planFirst = ({ world }: Scene, { orderId }: Placed, plan: Parameters<typeof world.amazon.planFor>[1]) =>
  world.amazon.planFor({ orderId: `TTS-${orderId}` }, plan);

/** Until the connector knows that Amazon has it, and a moment longer. */
const untilAtAmazon = async (scene: Scene, order: Placed, deadlineMs: number): Promise<boolean> => {
  const isThere = (): boolean => scene.details.get(order.orderId)?.stage === 'fulfilling';
  if (!(await until(scene, isThere, deadlineMs))) return false;
  await sleepUntil(scene, scene.world.clock.nowMs() + THINKING_MS);
  return true;
};

type Fear = (scene: Scene, order: Placed, deadlineMs: number) => Promise<void>;

const regret: Fear = async (scene, order, deadlineMs) => {
  planFirst(scene, order, { stuck: true });
  scene.world.tiktok.endHold(order.orderId);
  if (!(await untilAtAmazon(scene, order, deadlineMs))) return;
  tell(scene, 'buyer', `${nameOfBuyer(order)} asks to cancel #${order.number}, which is at Amazon by now`);
  scene.world.tiktok.buyerCancel(order.orderId);
};

const cancelTooLate: Fear = async (scene, order, deadlineMs) => {
  const items = Object.entries(order.life.ends.units).map(([sku, quantity]) => ({ sku, quantity }));
  planFirst(scene, order, { parcels: [{ items, packedMs: SLOW_PACKING_MS }] });
  scene.world.tiktok.endHold(order.orderId);
  const isPicked = (): boolean => firstMcfOrder(scene, order)?.state === 'Processing';
  if (!(await until(scene, isPicked, deadlineMs))) return;
  await sleepUntil(scene, scene.world.clock.nowMs() + THINKING_MS);
  tell(scene, 'seller', `cancels #${order.number} by hand in Seller Center, and does not ask Amazon first`);
  scene.world.tiktok.sellerCancel(order.orderId);
};

const editAddress: Fear = async (scene, order, deadlineMs) => {
  const { moved } = order.life;
  if (!moved) throw new Error('the cast has no new address');
  planFirst(scene, order, { stuck: true });
  scene.world.tiktok.endHold(order.orderId);
  if (!(await untilAtAmazon(scene, order, deadlineMs))) return;
  const { state } = order.life.buyer;
  const where = `it must go to ${moved.state} and not to ${state}`;
  tell(scene, 'buyer', `${nameOfBuyer(order)} edits the address of #${order.number}: ${where}`);
  scene.world.tiktok.changeAddress(order.orderId, {
    addressLine1: moved.street,
    addressLine2: moved.flat,
    city: moved.city,
    county: moved.city,
    state: moved.state,
    postalCode: moved.postalCode,
  });
};

const retryStuck: Fear = async (scene, order, deadlineMs) => {
  const expectedShipMs = 25 * MINUTE_MS;
  planFirst(scene, order, { stuck: true, expectedShipMs });
  scene.world.tiktok.endHold(order.orderId);
  const isKnown = (): boolean => scene.details.get(order.orderId)?.reason === 'mcf_stuck';
  if (!(await until(scene, isKnown, deadlineMs))) return;
  await sleepUntil(scene, scene.world.clock.nowMs() + THINKING_MS);
  tell(scene, 'seller', `reads that, and retries #${order.number} (POST /api/orders/${order.orderId}/retry)`);
  await scene.world.api.retry(order.orderId);
};

const renumber: Fear = async (scene, order, deadlineMs) => {
  const { amazon, tiktok } = scene.world;
  tiktok.endHold(order.orderId);
  const isShipped = (): boolean => scene.details.get(order.orderId)?.stage === 'shipped';
  if (!(await until(scene, isShipped, deadlineMs))) return;
  await sleepUntil(scene, scene.world.clock.nowMs() + THINKING_MS);
  const made = firstMcfOrder(scene, order);
  const [parcel] = made?.parcels ?? [];
  if (!made || !parcel) return;
  const replaced = { carrier: 'UPS', trackingNumber: '1Z50V7420999999999' };
  amazon.setTracking(made.fulfillmentId, parcel.packageNumber, replaced);
};

const PLAYS: readonly [LifeName, Fear][] = [
  ['regretted', regret],
  ['tooLate', cancelTooLate],
  ['moved', editAddress],
  ['stuck', retryStuck],
  ['renumbered', renumber],
];

/** Their holds end one after the other; then all of them are lived at the same time. */
export const playFears = async (scene: Scene, deadlineMs: number): Promise<void> => {
  const start = scene.world.openedMs + FIRST_HOLD_ENDS * MINUTE_MS;
  const lives = PLAYS.map(async ([name, play], index) => {
    await sleepUntil(scene, start + 2 * index * MINUTE_MS);
    await play(scene, placedAs(scene, name), deadlineMs);
  });
  await Promise.all(lives);
};
