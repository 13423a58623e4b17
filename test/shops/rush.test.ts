import { afterEach, describe, expect, it } from 'vitest';
import type { SharingRule } from '../../src/store/store.ts';
import { SHOPS, type ShopNumber, type ShopsWorld, startShops } from './world.ts';

const NUMBERS: readonly ShopNumber[] = [0, 1, 2];
const UNITS = 12;
const BUYERS_OF_A_SHOP = 9;

let world: ShopsWorld;
afterEach(() => world.close());

/** Three shops that sell one stock, which each of them shows as the rule says. */
const open = async (sharing: SharingRule): Promise<void> => {
  world = await startShops({ accounts: ['one', 'one', 'one'], sharing, stock: { A: UNITS } });
  for (const index of NUMBERS)
    world.shop(index).addProduct({ title: 'A', skus: [{ sellerSku: 'A', stock: 0 }] });
  await world.reconcile();
};

const shown = (): number[] => NUMBERS.map((index) => world.shop(index).stockOf('A').available);
const buy = (index: ShopNumber): boolean => {
  if (world.shop(index).stockOf('A').available === 0) return false;
  world.shop(index).placeOrder({ lines: [{ sku: 'A' }], ready: true });
  return true;
};
/** Every shop's buyers come at once and buy what they see. Answers how many got something. */
const rush = (): number => {
  let sold = 0;
  for (let turn = 0; turn < BUYERS_OF_A_SHOP; turn += 1)
    for (const index of NUMBERS) if (buy(index)) sold += 1;
  return sold;
};
/** Until every order is where it stays. */
const settle = async (): Promise<void> => {
  for (let pass = 0; pass < 3; pass += 1) await world.reconcile();
};
const amazon = () => world.amazon.account('AMZ1');
/** Units that Amazon ships or has shipped. */
const taken = (): number =>
  amazon()
    .orders()
    .flatMap(({ items }) => items)
    .reduce((sum, item) => sum + item.quantity - item.cancelled - item.unfulfillable, 0);
const recordsOf = async () => {
  const ids = NUMBERS.flatMap((index) =>
    world
      .shop(index)
      .orders()
      .map(({ id }) => ({ channel: 'tiktok-shop', shopId: SHOPS[index], orderId: id })),
  );
  return Promise.all(ids.map((key) => world.store.orders.get(key)));
};

describe('three shops on one stock, under a rush', () => {
  it.each<[string, SharingRule, number[]]>([
    [
      'fixed shares',
      { kind: 'shares', percentByShop: { [SHOPS[0]]: 50, [SHOPS[1]]: 25, [SHOPS[2]]: 25 } },
      [6, 3, 3],
    ],
    [
      'a priority',
      {
        kind: 'priority',
        shops: [
          { shopId: SHOPS[2], atMostUnits: 7 },
          { shopId: SHOPS[0], atMostUnits: null },
        ],
      },
      [5, 0, 7],
    ],
  ])('with %s sell exactly what there is: every order ships', async (_name, sharing, expected) => {
    await open(sharing);
    expect(shown()).toEqual(expected);

    const sold = rush();
    await settle();

    expect(sold).toBe(UNITS);
    expect(taken()).toBe(UNITS);
    expect((await recordsOf()).map((record) => record?.stage)).toEqual(Array(UNITS).fill('fulfilling'));
    expect(shown()).toEqual([0, 0, 0]);
  });

  it('with all for everyone ship no unit twice; who came too late is told that another shop was faster', async () => {
    await open({ kind: 'all' });
    expect(shown()).toEqual([UNITS, UNITS, UNITS]);

    const sold = rush();
    await settle();

    expect(sold).toBeGreaterThan(UNITS);
    expect(taken()).toBe(UNITS);
    expect(amazon().duplicateCreates).toEqual([]);
    const records = await recordsOf();
    const losers = records.filter((record) => record?.stage === 'review');
    expect(records.filter((record) => record?.stage === 'fulfilling')).toHaveLength(UNITS);
    expect(losers.map((record) => record?.reason)).toEqual(Array(sold - UNITS).fill('sold_by_other_shop'));
    expect(shown()).toEqual([0, 0, 0]);
  });

  it('with all for everyone a sale is taken off the other shops within seconds, without a pass', async () => {
    await open({ kind: 'all' });

    for (let count = 0; count < 5; count += 1) buy(0);

    const left = UNITS - 5;
    await expect.poll(() => shown().slice(1), { timeout: 15_000 }).toEqual([left, left]);
    expect(shown()[0]).toBe(left);
  });
});
