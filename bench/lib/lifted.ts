/**
 * Loaded before the service where its work is measured and not its waiting: quotas do not slow it down. With
 * `SHIFT_MS` its wall clock is that much off, so that what it does lies in the past when it is started again.
 */
import { limitOf } from '../../src/channels/tiktok-shop/limits.ts';
import { LIMITS } from '../../src/fulfillment/amazon-mcf/limits.ts';

const LIFTED = { ratePerSecond: 10_000, burst: 100_000 };

for (const limit of [...Object.values(LIMITS), limitOf('searchOrders')]) Object.assign(limit, LIFTED);

const shiftMs = Number(process.env['SHIFT_MS'] ?? 0);
const now = Date.now.bind(Date);
Date.now = () => now() + shiftMs;
