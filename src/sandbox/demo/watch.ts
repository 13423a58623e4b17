import type { OrderDetail, OrderSummary } from './api.ts';
import { componentsOf } from './cast.ts';
import { type Placed, type Scene } from './scene.ts';
import { watchAmazon } from './watch-amazon.ts';
import { watchTikTok } from './watch-tiktok.ts';
import { eventText, type TimelineEvent } from './words.ts';
import { MINUTE_MS } from './world.ts';

/** Looks at all sides once and tells what is new. */
type Look = () => Promise<void> | void;

const LOOK_EVERY_MS = MINUTE_MS / 2;
/** An event is committed a moment after the time it carries. */
const SETTLE_MS = 3 * MINUTE_MS;

const timeOf = (scene: Scene, order: Placed, entry: TimelineEvent): number => {
  const atMs = Date.parse(entry.at);
  // Noted before Amazon can have it, and after TikTok has taken it: shown as cause and effect.
  if (entry.event === 'create_sent') return atMs - 1;
  if (entry.event === 'cancellation_approved') {
    const [request] = scene.world.tiktok.cancellationsOf(order.orderId);
    return request ? Math.min(atMs, request.updateTime * 1000) - 1 : atMs;
  }
  if (entry.event !== 'tracking_reported') return atMs;
  const report = scene.world.tiktok.reports.find(
    ({ orderId, trackingNumber }) => orderId === order.orderId && entry.detail.startsWith(trackingNumber),
  );
  return report ? Math.min(atMs, report.at * 1000) - 1 : atMs;
};

const tellFirstSight = (scene: Scene, order: Placed, detail: OrderDetail): void => {
  const [first] = detail.timeline;
  const deliveries = scene.world.tiktok.deliveries.filter(({ orderId }) => orderId === order.orderId);
  if (!first || deliveries.some(({ status }) => status !== 'lost')) return;
  const text = `#${order.number} found by a pass, which asks TikTok what changed: no webhook of it ever arrived`;
  scene.story.tell(Date.parse(first.at) - 1, 'connector', text);
};

/** Orders as the service's API shows them; a timeline is read again when its order's summary has changed. */
const watchOrders = (scene: Scene): Look => {
  const summaries = new Map<string, string>();
  const tell = (order: Placed, detail: OrderDetail): void => {
    const known = scene.details.get(order.orderId)?.timeline.length ?? 0;
    if (known === 0) tellFirstSight(scene, order, detail);
    for (const entry of detail.timeline.slice(known)) {
      const text = eventText(scene, order, entry);
      if (text) scene.story.tell(timeOf(scene, order, entry), 'connector', `#${order.number} ${text}`);
    }
  };
  const readAgain = async (summary: OrderSummary): Promise<void> => {
    const text = JSON.stringify(summary);
    const order = scene.placed.find(({ orderId }) => orderId === summary.orderId);
    if (!order || summaries.get(summary.orderId) === text) return;
    summaries.set(summary.orderId, text);
    const detail = await scene.world.api.order(summary.orderId);
    tell(order, detail);
    scene.details.set(summary.orderId, detail);
  };
  return async () => {
    for (const summary of await scene.world.api.orders()) await readAgain(summary);
  };
};

const watchPasses = (scene: Scene): Look => {
  let toldMs = 0;
  return async () => {
    const pass = await scene.world.api.lastPass();
    if (!pass || pass.startedAtMs === toldMs || pass.discovered === 0) return;
    toldMs = pass.startedAtMs;
    const orders = pass.discovered === 1 ? 'an order' : `${pass.discovered} orders`;
    scene.story.tell(
      pass.startedAtMs,
      'connector',
      `pass, as every five minutes: TikTok has ${orders} it did not know of`,
    );
  };
};

const whyOf = async (scene: Scene, sku: string, quantity: number): Promise<string> => {
  const rows = await scene.world.api.inventory();
  const parts = componentsOf(sku).flatMap(({ amazonSku, quantity: each }) => {
    const row = rows.find((candidate) => candidate.amazonSku === amazonSku);
    return row ? [{ ...row, each, sets: Math.floor(row.available / each) }] : [];
  });
  // The figures may have moved on since the push; then they do not explain it.
  if (parts.length === 0 || Math.min(...parts.map(({ sets }) => sets)) !== quantity) return '';
  const texts = parts.map(({ amazonSku, fulfillable, promised, each }) => {
    const share = each > 1 ? `, ${each} to a set` : '';
    return `Amazon can ship ${fulfillable} ${amazonSku}, ${promised} promised${share}`;
  });
  return `: ${texts.join('; ')}`;
};

const watchStock = (scene: Scene): Look => {
  let told = 0;
  return async () => {
    const pushes = scene.world.tiktok.stockPushes.slice(told);
    told += pushes.length;
    for (const { at, sellerSku, quantity } of pushes) {
      const why = await whyOf(scene, sellerSku, quantity);
      scene.story.tell(at * 1000, 'connector', `sets ${sellerSku} on TikTok to ${quantity}${why}`);
    }
  };
};

/** Watches until told to stop, then looks once more. Throws what a look throws. */
export const watch = async (scene: Scene, stop: AbortSignal): Promise<void> => {
  const { clock } = scene.world;
  const looks: Look[] = [watchTikTok, watchAmazon, watchOrders, watchPasses, watchStock].map((start) =>
    start(scene),
  );
  for (;;) {
    const isLast = stop.aborted;
    const startedMs = clock.nowMs();
    for (const look of looks) await look();
    scene.story.flush(isLast ? undefined : startedMs - SETTLE_MS);
    if (isLast) return;
    await clock.sleep(LOOK_EVERY_MS, stop);
  }
};
