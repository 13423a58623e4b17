import type { AmazonSandbox } from '../../src/sandbox/amazon/index.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import type { TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import type { Random } from '../simulation/random.ts';

const FAULTS: readonly Fault[] = [
  'reset-before',
  'reset-after',
  { status: 503, body: {} },
  { slowMs: 300 },
  { slowMs: 1_200 },
];

/** One of the next calls goes wrong. */
export const armFault = (tiktok: TikTokSandbox, amazon: AmazonSandbox, random: Random): void => {
  const fault = random.pick(FAULTS);
  if (random.chance(0.5)) amazon.faults.next(random.pick(['create', 'get', 'cancel', 'list']), fault);
  else tiktok.faults.next(random.pick(['orders.detail', 'orders.search', 'packages.ship']), fault);
};
