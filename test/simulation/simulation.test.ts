import { describe, expect, it } from 'vitest';
import { runSeeds } from './many-seeds.ts';
import { CRASH_POINTS } from './plan.ts';

const TIME_LIMIT_MS = 600_000;

describe('the service in a hundred seeded worlds', () => {
  it(
    'breaks nothing, and what the worlds are made of really happens',
    async () => {
      const { broken, totals } = await runSeeds(1, 100);

      expect(broken).toEqual([]);
      const trouble = ['storm', 'outage', 'slow', 'fault', 'webhooks', 'restart', 'tokens', 'skew'];
      const people = ['buyerCancel', 'sellerCancel', 'sellerShip', 'changeAddress', 'pay', 'advance'];
      const others = [
        'replaceNumber',
        'amazonCancel',
        'retry',
        'resolve',
        'operatorCancel',
        'skuMap',
        'stock',
      ];
      const wanted = [
        ...CRASH_POINTS.map((point) => `crash ${point}`),
        ...[trouble, people, others].flat().map((what) => `did ${what}`),
        'webhook lost',
        'webhook duplicate',
        'create answer lost',
        'report answer lost',
        'cancelled at Amazon',
      ];
      expect(wanted.filter((name) => (totals[name] ?? 0) === 0)).toEqual([]);
    },
    TIME_LIMIT_MS,
  );
});
