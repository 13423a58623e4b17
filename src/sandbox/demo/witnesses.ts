import type { LifeName } from './cast.ts';
import { mcfOrdersOf, type Placed, type Scene } from './scene.ts';

/** Null when the life was really lived, else what is missing of it. */
type Witness = (scene: Scene, order: Placed) => string | null;

const deliveriesOf = ({ world }: Scene, { orderId }: Placed) =>
  world.tiktok.deliveries.filter((delivery) => delivery.orderId === orderId);

/** When the connector noted an event of the order; null: never. */
const timeOfEvent = (scene: Scene, { orderId }: Placed, event: string, detail = ''): number | null => {
  const timeline = scene.details.get(orderId)?.timeline ?? [];
  const found = timeline.find((entry) => entry.event === event && entry.detail.startsWith(detail));
  return found ? Date.parse(found.at) : null;
};

const first = (...faults: (string | false | null)[]): string | null => faults.find(Boolean) || null;

/** Amazon answered a read between these times. */
const wasRead = ({ world }: Scene, fromMs: number, toMs: number): boolean =>
  world.amazon.calls.some(
    ({ operation, status, at }) => operation === 'get' && status === 200 && at >= fromMs && at <= toMs,
  );

/** TikTok has times in whole seconds. */
const secondOf = (ms: number): number => Math.floor(ms / 1000);

const regretted: Witness = (scene, { orderId }) => {
  const { amazon, tiktok } = scene.world;
  const [made] = mcfOrdersOf(scene, orderId);
  const request = tiktok.cancellationsOf(orderId).find(({ type }) => type === 'BUYER_CANCEL');
  const approval = tiktok.calls.find(
    ({ operation, orderIds }) => operation === 'cancellations.approve' && orderIds.includes(orderId),
  );
  if (!made || !request || !approval) return 'its cancellation was never answered';
  return first(
    request.answeredBy !== 'api' && 'the connector did not approve it',
    !amazon.cancels.some(({ fulfillmentId }) => fulfillmentId === made.fulfillmentId) &&
      'Amazon was not asked to cancel it',
    (secondOf(made.updatedAtMs) > request.updateTime || !wasRead(scene, made.updatedAtMs, approval.at)) &&
      'it was approved before Amazon was proven to have stopped',
    tiktok.order(orderId).status !== 'CANCELLED' && 'it is not cancelled at TikTok',
    made.parcels.length > 0 && 'a parcel of it was packed',
  );
};

const tooLate: Witness = (scene, order) => {
  const { tiktok } = scene.world;
  const [made] = mcfOrdersOf(scene, order.orderId);
  const cancelled = tiktok.cancellationsOf(order.orderId)[0];
  const toldMs = timeOfEvent(scene, order, 'stage_review', 'cancelled_but_shipped');
  if (!made || !cancelled || toldMs === null) return 'nobody was told';
  return first(
    tiktok.order(order.orderId).status !== 'CANCELLED' && 'it is not cancelled at TikTok',
    secondOf(toldMs) < cancelled.updateTime && 'it was in review before it was cancelled',
    toldMs >= made.updatedAtMs && 'a person was told only after the parcel had left',
    !scene.details.get(order.orderId)?.whatToDo && 'nobody is told what to do',
  );
};

/** The second MCF order was made after the first was cancelled, which a read had shown. */
const madeAnew = (scene: Scene, { orderId }: Placed): string | null => {
  const [old, anew] = mcfOrdersOf(scene, orderId);
  if (!old || !anew) return 'it was not made anew';
  return first(
    anew.fulfillmentId !== `${old.fulfillmentId}-2` && `it was made anew as ${anew.fulfillmentId}`,
    (anew.createdAtMs < old.updatedAtMs || !wasRead(scene, old.updatedAtMs, anew.createdAtMs)) &&
      'it was made anew before the first was proven cancelled',
    old.parcels.length > 0 && 'both were packed',
  );
};

const moved: Witness = (scene, order) => {
  const streets = mcfOrdersOf(scene, order.orderId).map(({ body }) => body.destinationAddress.addressLine1);
  const wanted = [order.life.buyer.street, order.life.moved?.street];
  return first(
    madeAnew(scene, order),
    streets.join() !== wanted.join() && 'it does not go to the new address',
  );
};

const stuck: Witness = (scene, order) => {
  const reviewMs = timeOfEvent(scene, order, 'stage_review', 'mcf_stuck');
  const retryMs = timeOfEvent(scene, order, 'operator_retry');
  return first(
    (reviewMs === null || retryMs === null || retryMs < reviewMs) && 'no person was asked and retried it',
    madeAnew(scene, order),
  );
};

const renumbered: Witness = ({ world }, { orderId }) => {
  const corrections = world.tiktok.corrections.filter((correction) => correction.orderId === orderId);
  const [report] = world.tiktok.reports.filter((one) => one.orderId === orderId);
  if (corrections.length !== 1) return `TikTok was sent ${corrections.length} corrections`;
  return corrections[0]?.from === report?.trackingNumber ? null : 'another number was corrected';
};

/** What makes a life more than a plain order. */
const WITNESSES: Readonly<Partial<Record<LifeName, Witness>>> = {
  lost: (scene, order) =>
    deliveriesOf(scene, order).filter(({ status }) => status === 'lost').length === 3
      ? null
      : 'its webhooks were not lost',
  twice: (scene, order) => {
    const ids = deliveriesOf(scene, order)
      .filter(({ status }) => status === 'delivered')
      .map(({ notificationId }) => notificationId);
    return ids.length === new Set(ids).size + 1 ? null : 'no webhook of it was delivered twice';
  },
  cancelled: ({ world }, { orderId }) =>
    world.tiktok.order(orderId).status === 'CANCELLED' ? null : 'it is not cancelled at TikTok',
  unclear: (scene, order) => (timeOfEvent(scene, order, 'adopted') === null ? 'it was not adopted' : null),
  regretted,
  tooLate,
  moved,
  stuck,
  renumbered,
};

/** That the life was really lived, judged by what the simulators hold wherever they can know. */
export const witnessOf = (scene: Scene, order: Placed): string | null =>
  WITNESSES[order.life.name]?.(scene, order) ?? null;
