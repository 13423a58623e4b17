import type { Clock } from '../../lib/clock.ts';
import type { Carrier } from '../channel.ts';
import type { CallTarget } from './call.ts';
import type { TikTokClient } from './client.ts';
import { refusalIn } from './errors.ts';

const KEEP_MS = 24 * 3_600_000;
/** The shop did not subscribe to the option, or TikTok ships it: there are no carriers to choose from. */
const NO_CARRIERS = new Set(['21008116', '21008117']);

type Kept = { carriers: Promise<Carrier[]>; untilMs: number };

/** Looks up carriers once a day per shop and delivery option. An empty answer is not kept. */
export const createCarrierBook = (client: TikTokClient, clock: Clock) => {
  const kept = new Map<string, Kept>();

  const lookUp = async (target: CallTarget, deliveryOptionId: string): Promise<Carrier[]> => {
    try {
      const answer = await client.getShippingProviders(target, deliveryOptionId);
      return answer.shipping_providers.map(({ id, name }) => ({ carrierId: id, name }));
    } catch (error) {
      if (NO_CARRIERS.has(refusalIn(error)?.remoteCode ?? '')) return [];
      throw error;
    }
  };

  return async (target: CallTarget, deliveryOptionId: string): Promise<Carrier[]> => {
    const key = `${target.account}/${deliveryOptionId}`;
    const known = kept.get(key);
    if (known && clock.nowMs() < known.untilMs) return known.carriers;
    const entry: Kept = { carriers: lookUp(target, deliveryOptionId), untilMs: clock.nowMs() + KEEP_MS };
    kept.set(key, entry);
    const carriers = await entry.carriers.catch((error: unknown) => {
      kept.delete(key);
      throw error;
    });
    if (carriers.length === 0) kept.delete(key);
    return carriers;
  };
};
