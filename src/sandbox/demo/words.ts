import { isReasonCode, REASONS } from '../../orders/reasons.ts';
import type { OrderDetail } from './api.ts';
import type { Placed, Scene } from './scene.ts';

export type TimelineEvent = OrderDetail['timeline'][number];

/** Told by somebody else, or in one line with the event that follows. */
const UNTOLD = new Set(['created']);

const stageText = (stage: string, detail: string): string => {
  const [code = '', ...rest] = detail.split(': ');
  if (!isReasonCode(code)) return `is now "${stage}": ${detail}`;
  const more = rest.length > 0 ? ` ${rest.join(': ')}` : '';
  const why = code === stage ? '' : ` (${code})`;
  const whom = stage === 'review' ? ', for a person' : '';
  const toDo = stage === 'review' ? ` To do: ${REASONS[code].whatToDo}` : '';
  return `is now "${stage}"${why}${whom}: ${REASONS[code].whatHappened}${more}${toDo}`;
};

const reportText = (scene: Scene, order: Placed, detail: string): string => {
  const number = detail.split(' by ')[0] ?? '';
  const report = scene.world.tiktok.reports.find(
    ({ orderId, trackingNumber }) => orderId === order.orderId && trackingNumber === number,
  );
  const lines = scene.world.tiktok.order(order.orderId).lines;
  const under = (report?.lineIds ?? []).map((id) => {
    const sku = lines.find((line) => line.id === id)?.sellerSku ?? 'unknown';
    return `..${id.slice(-4)} (${sku})`;
  });
  return `reports ${detail.replace(/: \d+ line.*$/, '')} to TikTok, under line ${under.join(' and ')}`;
};

/** One entry of an order's timeline as a sentence without its subject; null when it is not worth a line. */
export const eventText = (scene: Scene, order: Placed, { event, detail }: TimelineEvent): string | null => {
  if (UNTOLD.has(event)) return null;
  if (event.startsWith('stage_')) return stageText(event.slice('stage_'.length), detail);
  switch (event) {
    case 'create_sent':
      return detail.startsWith(`TTS-${order.orderId}-`)
        ? `has read that nothing of it ships so far, and asks Amazon to ship it anew as ${detail}`
        : `reads that it may ship, notes what it is about to do, and asks Amazon to ship it as ${detail}`;
    case 'attempt_failed':
      return `has no clear answer (${detail}); it will look before it does anything again`;
    case 'adopted':
      return `looks at Amazon, finds ${detail} there and adopts it; no second create`;
    case 'cancel_sent': {
      const [fulfillmentId = '', ...why] = detail.split(': ');
      return `asks Amazon to cancel ${fulfillmentId} (${why.join(': ')}); only a read can prove that it did`;
    }
    case 'cancellation_approved':
      return "has read at Amazon that nothing ships, and approves the buyer's request at TikTok";
    case 'operator_retry':
      return `is told to try again: ${detail}`;
    case 'tracking_corrected':
      return `finds another number at Amazon and corrects it at TikTok, which allows that once: ${detail}`;
    case 'tracking_reported':
      return reportText(scene, order, detail);
    default:
      return `${event.replaceAll('_', ' ')} ${detail}`.trim();
  }
};
