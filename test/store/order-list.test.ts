import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { riskOf } from '../../src/orders/deadlines.ts';
import { type OrderRecord, STAGES, type Stage } from '../../src/orders/model.ts';
import type { ReasonCode } from '../../src/orders/reasons.ts';
import { openStore } from '../../src/store/open.ts';
import type { OrderQuery, Store } from '../../src/store/store.ts';
import { createHeldClock } from '../held-clock.ts';
import { FULL_PATCH, keyOf } from './fixtures.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const SHOPS = ['shop-a', 'shop-b', 'shop-c'];
const COUNT = 240;

/** The same numbers in every run. */
const createNumbers = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
};

describe('the list against a filter of all orders', () => {
  let store: Store;
  const all: { record: OrderRecord; receivedAtMs: number; place: number }[] = [];

  beforeAll(async () => {
    store = await openStore({ databaseUrl: ':memory:', encryptionKey: null, clock: createHeldClock(NOW) });
    const number = createNumbers(7);
    const pick = <Value>(values: readonly [Value, ...Value[]]): Value =>
      values[number(values.length)] ?? values[0];
    const time = (): number | null => (number(4) === 0 ? null : NOW + (number(60) - 20) * HOUR);
    for (let index = 0; index < COUNT; index += 1) {
      const key = keyOf(`order-${index}`, SHOPS[number(SHOPS.length)]);
      const receivedAtMs = NOW + index * 1_000;
      await store.orders.hint([{ key, updatedAtMs: null }], receivedAtMs);
      if (number(5) > 0) {
        const patch = {
          ...FULL_PATCH,
          stage: pick<Stage>(['review', ...STAGES]),
          reason: pick<ReasonCode>(['sku_unmapped', 'at_amazon', 'address_missing']),
          shipByMs: time(),
          autoCancelMs: time(),
          expectedShipAtMs: time(),
        };
        await store.orders.amend(key, { patch }, receivedAtMs);
      }
      const record = await store.orders.get(key);
      if (record) all.push({ record, receivedAtMs, place: index });
    }
  });
  afterAll(() => store.close());

  const expected = ({
    shopIds,
    stage,
    reason,
    risk,
    receivedFromMs,
    receivedBeforeMs,
  }: OrderQuery): string[] => {
    const wanted = all.filter(
      ({ record, receivedAtMs }) =>
        (shopIds === null || shopIds.includes(record.key.shopId)) &&
        (stage === undefined || record.stage === stage) &&
        (reason === undefined || record.reason === reason) &&
        (risk === undefined || riskOf(record, risk.nowMs).state === risk.state) &&
        (receivedFromMs === undefined || receivedAtMs >= receivedFromMs) &&
        (receivedBeforeMs === undefined || receivedAtMs < receivedBeforeMs),
    );
    const late = ({ shipByMs, expectedShipAtMs }: OrderRecord): boolean =>
      shipByMs !== null && expectedShipAtMs !== null && expectedShipAtMs > shipByMs;
    const deadline = (record: OrderRecord): number => {
      if (!risk) return record.shipByMs ?? Number.MAX_SAFE_INTEGER;
      const shipBy = late(record) ? 0 : (record.shipByMs ?? Number.MAX_SAFE_INTEGER);
      return Math.min(record.autoCancelMs ?? Number.MAX_SAFE_INTEGER, shipBy);
    };
    const isByDeadline = risk !== undefined || stage === 'review';
    return wanted
      .toSorted((one, other) =>
        isByDeadline
          ? deadline(one.record) - deadline(other.record) || one.place - other.place
          : other.place - one.place,
      )
      .map(({ record }) => record.key.orderId);
  };

  const read = async (asked: OrderQuery): Promise<string[]> => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await store.orders.list({ ...asked, cursor: cursor ?? undefined });
      expect(page.orders.length).toBeLessThanOrEqual(asked.limit);
      ids.push(...page.orders.map(({ key }) => key.orderId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return ids;
  };

  const shops = [null, ['shop-a'], ['shop-a', 'shop-c'], ['shop-a', 'shop-a'], ['nowhere'], []];
  const filters: Omit<OrderQuery, 'shopIds' | 'limit'>[] = [
    {},
    { stage: 'review' },
    { stage: 'waiting' },
    { stage: 'shipped' },
    { reason: 'at_amazon' },
    { reason: 'received' },
    { stage: 'review', reason: 'sku_unmapped' },
    { stage: 'fulfilling', reason: 'sku_unmapped' },
    { risk: { state: 'at_risk', nowMs: NOW } },
    { risk: { state: 'breached', nowMs: NOW } },
    { risk: { state: 'breached', nowMs: NOW + 12 * HOUR }, stage: 'review' },
    { risk: { state: 'at_risk', nowMs: NOW }, reason: 'at_amazon' },
  ];
  const times = [
    {},
    { receivedFromMs: NOW + 50_000 },
    { receivedBeforeMs: NOW + 50_500 },
    { receivedFromMs: NOW + 20_001, receivedBeforeMs: NOW + 99_000 },
    { receivedFromMs: NOW + 10 * HOUR },
    { receivedBeforeMs: NOW },
  ];

  it.each(filters)(
    '%j: the same orders in the same order, page by page, for any shops and times',
    async (filter) => {
      for (const shopIds of shops)
        for (const time of times)
          for (const limit of [1, 7, 200]) {
            const asked = { ...filter, ...time, shopIds, limit };
            expect([asked, await read(asked)]).toEqual([asked, expected(asked)]);
          }
    },
  );

  it('a page and its cursor are the same whatever other shops have', async () => {
    const asked = { shopIds: ['shop-a'], limit: 3 };
    const before = await store.orders.list(asked);
    await store.orders.hint([{ key: keyOf('one more', 'shop-b'), updatedAtMs: null }], NOW + COUNT * 1_000);
    expect(await store.orders.list(asked)).toEqual(before);
  });

  it('a cursor at an order of another shop is refused like one at an order that does not exist', async () => {
    const cursorAt = (orderId: string, shopId: string): string =>
      Buffer.from(JSON.stringify([0, 'tiktok-shop', shopId, orderId])).toString('base64url');
    const ofB = all.findLast(({ record }) => record.key.shopId === 'shop-b')?.record.key.orderId ?? '';
    const faultOf = (cursor: string, shopIds: readonly string[] | null): Promise<unknown> =>
      store.orders.list({ shopIds, limit: 1, cursor }).catch((error: unknown) => error);

    expect(await faultOf(cursorAt(ofB, 'shop-b'), ['shop-a'])).toMatchObject({ code: 'cursor_invalid' });
    expect(await faultOf(cursorAt(ofB, 'shop-b'), ['shop-a'])).toEqual(
      await faultOf(cursorAt('none', 'shop-b'), ['shop-a']),
    );
    expect(await faultOf(cursorAt(ofB, 'shop-b'), null)).toMatchObject({ orders: [{}] });
  });

  it.each([
    '',
    'garbage',
    '[]',
    '[1]',
    '["1","a","b","c"]',
    '[1,"a","b"]',
    '[1,"a","b","c","d"]',
    '[null,"a","b","c"]',
    '{}',
  ])('a cursor that says %s is refused', async (text) => {
    const cursor = Buffer.from(text).toString('base64url');
    await expect(store.orders.list({ shopIds: null, limit: 1, cursor })).rejects.toMatchObject({
      code: 'cursor_invalid',
    });
  });

  it('counts the stages of the shops that are asked for', async () => {
    for (const shopIds of shops) {
      const counts = await store.orders.stageCounts(shopIds);
      const stored = await read({ shopIds, limit: 200 });
      const records = await Promise.all(
        stored.map((orderId) => store.orders.findByOrderId(orderId, shopIds)),
      );
      expect(counts).toEqual(
        Object.fromEntries(
          STAGES.map((stage) => [stage, records.filter((one) => one?.stage === stage).length]),
        ),
      );
    }
  });

  it('finds an order by its id only in the shops that are asked for', async () => {
    const same = 'an id that two shops have';
    for (const shopId of ['shop-a', 'shop-b'])
      await store.orders.hint([{ key: keyOf(same, shopId), updatedAtMs: null }], NOW + COUNT * 1_000);
    const found = async (shopIds: readonly string[] | null) =>
      (await store.orders.findByOrderId(same, shopIds))?.key.shopId ?? null;

    expect(await found(null)).toBe('shop-b');
    expect(await found(['shop-a'])).toBe('shop-a');
    expect(await found(['shop-b', 'shop-a'])).toBe('shop-b');
    expect(await found(['shop-c'])).toBeNull();
    expect(await found([])).toBeNull();
  });
});
