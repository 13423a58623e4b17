import type { SalesChannel } from '../channels/channel.ts';
import { CALL_KINDS as TIKTOK_KINDS } from '../channels/tiktok-shop/limits.ts';
import type { Config } from '../config/variables.ts';
import { CALL_KINDS as AMAZON_KINDS } from '../fulfillment/amazon-mcf/limits.ts';
import { daysToMs } from '../lib/clock.ts';
import type { HttpClient } from '../lib/http-client.ts';
import { readOnlyHttp } from '../lib/read-only-http.ts';
import { openPauses, type Pauses } from '../orders/pauses.ts';
import type { Shadow } from '../orders/shadow.ts';
import { type ModeState, openMode } from '../shadow/mode.ts';
import { createRecorder } from '../shadow/recorder.ts';
import type { Parts } from './parts.ts';

const CALL_KINDS = { 'tiktok-shop': TIKTOK_KINDS, 'amazon-mcf': AMAZON_KINDS };
/** What goes to the seller's own addresses: messages about orders, which change nothing of them. */
const OWN_ADDRESSES = ['alert-webhook', 'outgoing-webhook', 'doctor'];

/** In shadow mode nothing that changes anything reaches a shop or Amazon, whoever asks for it. */
export const httpFor = ({ MODE }: Pick<Config, 'MODE'>, http: HttpClient): HttpClient =>
  MODE === 'shadow' ? readOnlyHttp(http, CALL_KINDS, OWN_ADDRESSES) : http;

export type Safety = ModeState & {
  pauses: Pauses;
  /** Null where the service is live. */
  recorder: Shadow | null;
};

/** What keeps the service from acting: its mode, and the pauses. */
export const wireSafety = async (
  { config, store, clock, logger }: Parts,
  channelOf: (shopId: string) => Pick<SalesChannel, 'fetchCarriers'>,
  wake: () => void,
): Promise<Safety> => {
  const state = await openMode({ store, clock }, config.MODE, config.LIVE_FROM ?? null);
  if (state.mode === 'shadow')
    logger.warn('MODE=shadow: nothing is placed, reported or pushed, only recorded');
  const keptMs = daysToMs(config.RETENTION_ORDERS_DAYS);
  if (keptMs > 0) await store.shadow.prune(clock.nowMs() - keptMs);
  const fetchCarriers: SalesChannel['fetchCarriers'] = (shop, deliveryOptionId) =>
    channelOf(shop.shopId).fetchCarriers(shop, deliveryOptionId);
  return {
    ...state,
    pauses: await openPauses({ store, clock, wake }),
    recorder: state.mode === 'shadow' ? createRecorder({ store, clock, fetchCarriers }) : null,
  };
};
