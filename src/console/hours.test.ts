import { expect, it } from 'vitest';
import { createHeldClock } from '../../test/held-clock.ts';
import type { Principal } from '../people/principal.ts';
import type { HourCount, Store } from '../store/store.ts';
import { createHours, hoursCard } from './hours.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.parse('2026-11-20T12:34:00Z');
const THIS_HOUR = Date.parse('2026-11-20T12:00:00Z');
const all: Principal = { name: 'all', userId: '1', role: 'viewer', shopIds: null };
const ofA: Principal = { ...all, shopIds: ['A'] };

const open = (routed: HourCount[], reported: HourCount[] = []) => {
  const clock = createHeldClock(NOW);
  const asked: number[] = [];
  const answers: (() => ReturnType<Store['orders']['perHour']>)[] = [];
  const orders = {
    perHour: (sinceMs: number) => {
      asked.push(sinceMs);
      return answers.shift()?.() ?? Promise.resolve({ routed, reported });
    },
  };
  return { clock, asked, answers, hours: createHours({ store: { orders }, clock }) };
};

it('are twenty-four, oldest first, and the last is the one that runs', async () => {
  const { hours, asked } = open(
    [{ shopId: 'A', hourMs: THIS_HOUR, count: 3 }],
    [{ shopId: 'A', hourMs: THIS_HOUR - 23 * HOUR_MS, count: 2 }],
  );
  const day = await hours.of(all);

  expect(day).toHaveLength(24);
  expect(day[0]).toEqual({ fromMs: THIS_HOUR - 23 * HOUR_MS, routed: 0, shipped: 2 });
  expect(day[23]).toEqual({ fromMs: THIS_HOUR, routed: 3, shipped: 0 });
  expect(asked).toEqual([THIS_HOUR - 23 * HOUR_MS]);
});

it('count for everybody what they see, from one reading for all', async () => {
  const { hours, asked } = open([
    { shopId: 'A', hourMs: THIS_HOUR, count: 3 },
    { shopId: 'B', hourMs: THIS_HOUR, count: 4 },
  ]);

  expect((await hours.of(all)).at(-1)?.routed).toBe(7);
  expect((await hours.of(ofA)).at(-1)?.routed).toBe(3);
  expect(asked).toHaveLength(1);
});

it('are read anew after a minute, and at once after a reading that failed', async () => {
  const { hours, asked, answers, clock } = open([]);
  answers.push(() => Promise.reject(new Error('disk full')));

  await expect(hours.of(all)).rejects.toThrow('disk full');
  await hours.of(all);
  await clock.advance(59_000);
  await hours.of(all);
  expect(asked).toHaveLength(2);
  await clock.advance(1_000);
  await hours.of(all);
  expect(asked).toHaveLength(3);
});

it('are drawn as bars within the picture, with every number in a table', () => {
  const day = Array.from({ length: 24 }, (_none, index) => ({
    fromMs: THIS_HOUR - (23 - index) * HOUR_MS,
    routed: index === 23 ? 1_200 : 0,
    shipped: index === 22 ? 600 : 0,
  }));
  const text = String(hoursCard(day));
  const bars = [
    ...text.matchAll(/<rect class="([ab])" x="([\d.]+)" y="([\d.]+)" width="10" height="([\d.]+)"/g),
  ].map(([, ...parts]) => parts);

  expect(bars).toHaveLength(2);
  const heights = bars.map(([, , , height]) => Number(height));
  expect((heights[1] ?? 0) / (heights[0] ?? 1)).toBeCloseTo(2, 1);
  for (const [, x, y, height] of bars) {
    expect(Number(x)).toBeLessThanOrEqual(630);
    expect(Number(y)).toBeGreaterThanOrEqual(0);
    expect(Number(y) + Number(height)).toBeLessThanOrEqual(170);
  }
  expect(text.match(/<tr class="row">/g)).toHaveLength(24);
  expect(text).toContain('1,200');
});
