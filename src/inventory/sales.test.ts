import { expect, it } from 'vitest';
import { createHeldClock } from '../../test/held-clock.ts';
import type { Store } from '../store/store.ts';
import { createSales, saleKey } from './sales.ts';

const DAY_MS = 86_400_000;
type Sold = Awaited<ReturnType<Store['inventory']['sold']>>;

const open = (sold: (nowMs: number) => Sold) => {
  const clock = createHeldClock();
  const asked: number[] = [];
  let fails = false;
  const inventory = {
    sold: (sinceMs: number) => {
      asked.push(clock.nowMs() - sinceMs);
      return fails ? Promise.reject(new Error('disk full')) : Promise.resolve(sold(clock.nowMs()));
    },
  };
  return {
    clock,
    asked,
    fail: (now: boolean) => void (fails = now),
    sales: createSales({ store: { inventory }, clock }),
  };
};

it('are units a day over the days that there were orders, by account and SKU', async () => {
  const { sales, asked } = open((nowMs) => [
    { amazonAccount: 'one', amazonSku: 'A', units: 40, firstMs: nowMs - 4 * DAY_MS },
    { amazonAccount: 'two', amazonSku: 'A', units: 2, firstMs: nowMs - DAY_MS },
    { amazonAccount: null, amazonSku: 'A', units: 4, firstMs: nowMs - DAY_MS },
  ]);
  const perDay = await sales.perDay();

  expect(asked).toEqual([14 * DAY_MS]);
  expect(perDay.get(saleKey('one', 'A'))).toBe(10);
  expect(perDay.get(saleKey('two', 'A'))).toBe(0.5);
  expect(perDay.get(saleKey(null, 'A'))).toBe(1);
  expect(perDay.get(saleKey('one', 'B'))).toBeUndefined();
});

it('of a shop that began an hour ago are taken for a day’s, not for an hour’s', async () => {
  const { sales } = open((nowMs) => [
    { amazonAccount: 'one', amazonSku: 'A', units: 5, firstMs: nowMs - 3_600_000 },
  ]);

  expect((await sales.perDay()).get(saleKey('one', 'A'))).toBe(5);
});

it('are read once in five minutes, and again at once after a reading that failed', async () => {
  const { sales, asked, fail, clock } = open(() => []);
  fail(true);
  await expect(sales.perDay()).rejects.toThrow('disk full');
  fail(false);
  await sales.perDay();
  await clock.advance(299_000);
  await sales.perDay();
  expect(asked).toHaveLength(2);
  await clock.advance(1_000);
  await sales.perDay();
  expect(asked).toHaveLength(3);
});
