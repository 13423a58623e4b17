import { describe, expect, it } from 'vitest';
import { createDurableDatabase } from './durable.ts';
import { generatePlan } from './generate.ts';
import type { Plan } from './plan.ts';
import { type RunOptions, runPlan } from './run.ts';
import { breaksRule, shrinkPlan } from './shrink.ts';

const TIME_LIMIT_MS = 120_000;
const MINUTE_MS = 60_000;

const quietPlan = (events: Plan['events']): Plan => ({
  seed: 1,
  lastsMs: 120 * MINUTE_MS,
  settings: {
    env: {},
    passEveryMs: 30 * MINUTE_MS,
    latencyMs: 60,
    aftn: false,
    amazonPace: 1,
    createQuota: null,
    stock: { MUG: 50, TEE: 50, HAT: 50 },
  },
  events,
});

const order = (name: string, atMs: number, paid = true): Plan['events'][number] => ({
  atMs,
  do: 'order',
  name,
  lines: [{ sku: 'MUG', units: 1 }],
  paid,
  hold: false,
  ready: paid,
  address: 'good',
});

/** Somebody buys the parcel's label elsewhere: a number that Amazon never gave. */
const foreignNumbers: RunOptions = {
  sabotage({ tiktok }) {
    const { handle } = tiktok;
    tiktok.handle = async (request) => {
      const isReport = /\/fulfillment\/202309\/orders\/\d+\/packages/.test(request.path);
      const reply = await handle(request);
      const last = tiktok.reports.at(-1);
      if (isReport && last) last.trackingNumber = 'TBA000000000000';
      return reply;
    };
  },
};

/** No read of an order tells that its buyer asks to cancel. */
const unheardBuyers: RunOptions = {
  sabotage({ tiktok }) {
    const { handle } = tiktok;
    tiktok.handle = async (request) => {
      const reply = await handle(request);
      return reply.kind === 'answer' && request.path === '/order/202507/orders'
        ? { ...reply, body: reply.body.replaceAll('cancel":true', 'cancel":false') }
        : reply;
    };
  },
};

/** Creates take longer on their way than anybody may count on. */
const lateCreates: RunOptions = {
  sabotage({ amazon, time }) {
    const { handle } = amazon;
    amazon.handle = async (request) => {
      if (request.method === 'POST' && request.path.endsWith('/fulfillmentOrders')) await time.sleep(50_000);
      return handle(request);
    };
  },
};

/** No webhook comes, and no search finds anything. */
const silence: RunOptions = {
  sabotage({ tiktok }) {
    const { handle } = tiktok;
    const body = JSON.stringify({ code: 0, message: 'Success', data: { orders: [], total_count: 0 } });
    tiktok.webhooks.off();
    tiktok.handle = async (request) =>
      request.path.endsWith('/orders/search') ? { kind: 'answer', status: 200, body } : handle(request);
  },
};

describe('the simulation', () => {
  it(
    'runs a seed the same way every time, to the last call and commit',
    async () => {
      for (const seed of [3, 8, 21, 34, 55]) {
        const plan = generatePlan(seed);
        const first = await runPlan(plan);
        const again = await runPlan(generatePlan(seed));

        expect(again.hash).toBe(first.hash);
        expect(again.counters).toEqual(first.counters);
      }
    },
    TIME_LIMIT_MS,
  );

  it('runs a plan that was written out and read again the same way', async () => {
    const plan = generatePlan(13);
    const read = JSON.parse(JSON.stringify(plan)) as Plan;

    expect((await runPlan(read)).hash).toBe((await runPlan(plan)).hash);
  });

  it('sees a number that is not of our fulfillment', async () => {
    const { violation } = await runPlan(quietPlan([order('o1', 5_000)]), foreignNumbers);

    expect(violation?.rule).toBe('a number that is not of our fulfillment');
  });

  it('sees a create of an order whose buyer asks to cancel', async () => {
    const waiting = { ...order('o1', 5_000), ready: false };
    const asked = { atMs: 10 * MINUTE_MS, do: 'buyerCancel' as const, name: 'o1' };
    const { violation } = await runPlan(quietPlan([waiting, asked]), unheardBuyers);

    expect(violation?.rule).toBe('create of an order that must not ship');
  });

  it('sees a second create of one id', async () => {
    const { violation } = await runPlan(quietPlan([order('o1', 5_000)]), lateCreates);

    expect(violation?.rule).toBe('a second create of one id');
  });

  it('sees an order that was never taken in', async () => {
    const { violation } = await runPlan(quietPlan([order('o1', 5_000)]), silence);

    expect(violation?.rule).toBe('an order that was never seen');
  });

  it(
    'makes a failing plan as short as it can be',
    async () => {
      const events = [
        order('o1', 5_000, false),
        { atMs: 6_000, do: 'restart' as const },
        order('o2', 8_000),
        { atMs: 9_000, do: 'pass' as const, only: 'orders' as const },
        order('o3', 10_000, false),
        { atMs: 12_000, do: 'stock' as const, sku: 'TEE', fulfillable: 4 },
      ];
      const rule = 'a number that is not of our fulfillment';
      const shortest = await shrinkPlan(quietPlan(events), breaksRule(rule, foreignNumbers), () => false);

      expect(shortest.events).toEqual([order('o2', 8_000)]);
    },
    TIME_LIMIT_MS,
  );

  it('shows nothing of what a dead service did not commit, not even before the next one starts', () => {
    const database = createDurableDatabase();
    let isOver = false;
    const dies = () => {
      isOver = true;
    };
    const life = {
      isOver: () => isOver,
      stir: () => undefined,
      hook: { before: dies, after: () => undefined },
    };
    const connection = database.openFor(life);
    connection.exec('create table kept (id integer primary key)');
    connection.command('begin immediate');
    connection.exec('insert into kept default values');

    expect(() => connection.command('commit')).toThrow('has ended');

    const count = {
      sql: 'select count(*) as count from kept',
      bind: () => [],
      rows: (raw: readonly unknown[]) => raw as { count: number }[],
    };
    expect(database.connection.all(count, {})).toEqual([{ count: 0 }]);
    database.close();
  });

  it(
    'keeps what was committed and nothing else when the service dies at any place',
    async () => {
      for (const point of ['exchange-before', 'exchange-after', 'commit-before', 'commit-after'] as const) {
        for (let after = 1; after <= 12; after += 1) {
          const plan = quietPlan([{ atMs: 4_000, do: 'crash', point, after }, order('o1', 5_000)]);
          const { violation, counters } = await runPlan(plan);

          expect({ point, after, violation }).toEqual({ point, after, violation: null });
          expect(counters[`crash ${point}`]).toBe(1);
        }
      }
    },
    TIME_LIMIT_MS,
  );
});
