import { isIP } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../lib/errors.ts';

/** Counts one refused request; true when its address has sent too many. */
export type LimitCheck = (request: FastifyRequest) => Promise<boolean>;

/** Requests a minute from one address to everything but the webhook and the probes. */
const REQUESTS_PER_MINUTE = 6_000;
/** Wrong tokens or signatures a minute from one address before the answer becomes 429. */
const REFUSED_PER_MINUTE = 60;

/** Addresses remembered; the one seen longest ago gives way, so that a flood from many costs no memory. */
const ADDRESSES = 5_000;

/**
 * The address a request is counted under; of IPv6 the network, of which one household has all 2^64. A connection that
 * is already gone has none, and behind a proxy the address is whatever that wrote.
 */
export const addressOf = ({ ip }: { ip: string | undefined }): string => {
  const [address = ''] = (ip ?? '').split('%');
  return isIP(address) === 0 ? 'unknown' : rateLimit.normalizeIP(address);
};

/**
 * Rate limits. A correctly signed webhook is never counted: a flash sale at TikTok, or a stranger's noise behind the
 * same proxy, must not cost an order. Only what fails its signature or its token is limited there.
 */
export const addLimits = async (app: FastifyInstance): Promise<LimitCheck> => {
  await app.register(rateLimit, {
    global: true,
    max: REQUESTS_PER_MINUTE,
    timeWindow: '1 minute',
    cache: ADDRESSES,
    keyGenerator: addressOf,
    errorResponseBuilder: () => new AppError('rate_limited', 429, 'Too many requests; wait a minute.'),
  });
  const refused = { max: REFUSED_PER_MINUTE, timeWindow: '1 minute', cache: ADDRESSES };
  const countRefused = app.createRateLimit(refused);
  return async (request) => {
    const result = await countRefused(request);
    return !result.isAllowed && result.isExceeded;
  };
};
