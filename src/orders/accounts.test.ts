import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeProvider, type FakeProvider } from '../../test/fake-sides.ts';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { failureOf, KEY, orderOf, policyOf, SHOP } from '../../test/fakes.ts';
import { type Converger, createConverger } from './converge.ts';

let world: FakeWorld;
let providers: Record<string, FakeProvider>;
let converger: Converger;
/** What the shop has chosen, and whether it is connected. */
let shop: { account: string | null; isWithdrawn: boolean; sharesStock: boolean };
let takenIn: string[];

beforeEach(async () => {
  world = await openWorld();
  providers = { one: createFakeProvider(world.clock), two: createFakeProvider(world.clock) };
  shop = { account: 'one', isWithdrawn: false, sharesStock: false };
  takenIn = [];
  converger = createConverger({
    store: world.store,
    sidesFor: ({ amazonAccount }) => {
      const account = amazonAccount ?? shop.account;
      return {
        channel: world.channel,
        shop: SHOP,
        provider: providers[account ?? 'one'] ?? createFakeProvider(world.clock),
        amazonAccount: account,
        isWithdrawn: shop.isWithdrawn,
        reportsStopped: () => Promise.resolve(false),
      };
    },
    policy: () =>
      policyOf({
        accountProblem: shop.account === null ? 'None is chosen.' : null,
        sharesStock: shop.sharesStock,
      }),
    onTakenIn: ({ key }) => takenIn.push(key.orderId),
    clock: world.clock,
    random: () => 0,
    backoff: { baseMs: 5_000, maxMs: 900_000 },
    newOwner: world.newOwner,
    onFault: (error) => world.faults.push(error),
  });
  world.channel.put(orderOf());
  await world.hint();
});
afterEach(() => world.store.close());

const run = () => converger.converge(KEY);
const sentTo = (account: string): number => providers[account]?.board.callsOf('submit').length ?? 0;

describe('the Amazon account of an order', () => {
  it('is committed with the intent, before the call', async () => {
    let seen: unknown;
    const { one } = providers;
    if (one)
      one.board.onCall = async () => {
        seen = (await world.record()).amazonAccount;
      };

    await run();

    expect(seen).toBe('one');
  });

  it('stays the one that has it when its shop changes to another', async () => {
    await run();
    shop.account = 'two';
    await world.clock.advance(120_000);
    await run();

    expect(providers['two']?.board.calls).toEqual([]);
    expect(providers['one']?.board.callsOf('fetch')).not.toEqual([]);
  });

  it('stays after an answer that was lost, so that the order is never sent to two sellers', async () => {
    providers['one']?.board.fail('submit', { after: failureOf({ stage: 'during' }) });
    await run();
    shop.account = 'two';
    await world.clock.advance(120_000);
    await run();

    expect([sentTo('one'), sentTo('two')]).toEqual([1, 0]);
    expect(await world.record()).toMatchObject({ amazonAccount: 'one', stage: 'fulfilling' });
  });

  it('is free again after a create that surely had no effect', async () => {
    providers['one']?.board.fail('submit', {
      before: failureOf({ code: 'upstream_throttled', stage: 'before' }),
    });
    await run();
    shop.account = 'two';
    await world.clock.advance(120_000);
    await run();

    expect(await world.record()).toMatchObject({ amazonAccount: 'two', stage: 'fulfilling' });
  });

  it('is asked for a leave to create of its own', async () => {
    const asked: string[] = [];

    await converger.converge(KEY, undefined, {
      mayCreate: (account) => {
        asked.push(account);
        return false;
      },
    });

    expect(asked).toEqual(['one']);
    expect(await world.record()).toMatchObject({ reason: 'awaiting_quota', amazonAccount: null });
  });

  it('missing keeps the order for a person, without a call', async () => {
    shop.account = null;

    await run();

    expect(await world.record()).toMatchObject({
      stage: 'review',
      reason: 'amazon_account_missing',
      detail: 'None is chosen.',
    });
    expect(sentTo('one')).toBe(0);
  });
});

describe('an order that Amazon has no stock for', () => {
  const refuse = (): void => {
    const { one } = providers;
    if (one)
      one.submit = () =>
        Promise.resolve({ kind: 'refused', refusal: { reason: 'no_stock', message: 'none' } });
  };

  it.each([
    [true, 'sold_by_other_shop'],
    [false, 'mcf_no_stock'],
  ])('where other shops sell the same stock (%s) is in review as %s', async (sharesStock, reason) => {
    shop.sharesStock = sharesStock;
    refuse();

    await run();

    expect(await world.record()).toMatchObject({ stage: 'review', reason, amazonAccount: null });
  });
});

describe('an order of a shop that withdrew', () => {
  it('is for a person, without a call, and goes on where it was once the shop is back', async () => {
    await run();
    const calls = world.channel.board.calls.length;
    shop.isWithdrawn = true;
    await run();
    expect(await world.record()).toMatchObject({ stage: 'review', reason: 'shop_disconnected' });
    expect(world.channel.board.calls).toHaveLength(calls);

    shop.isWithdrawn = false;
    await world.clock.advance(120_000);
    await run();

    expect(await world.record()).toMatchObject({ stage: 'fulfilling', reason: 'at_amazon' });
    expect(sentTo('one')).toBe(1);
  });

  it('keeps a create whose answer was lost in mind', async () => {
    providers['one']?.board.fail('submit', { after: failureOf({ stage: 'during' }) });
    await run();
    shop.isWithdrawn = true;
    await run();

    expect(await world.record()).toMatchObject({ reason: 'shop_disconnected', intent: { kind: 'create' } });
  });

  it('that is over stays over', async () => {
    world.channel.change(KEY.orderId, { status: 'cancelled' });
    await run();
    shop.isWithdrawn = true;
    await world.hint();
    await run();

    expect(await world.record()).toMatchObject({ stage: 'cancelled' });
  });

  it('that failed to be read with its group is for a person as well, and no failure', async () => {
    shop.isWithdrawn = true;
    const record = await world.store.orders.lease(KEY, 'a', world.clock.nowMs());
    if (!record) throw new Error('no lease');

    const report = await converger.fail(record, 'a', failureOf({ upstream: 'tiktok-shop' }));

    expect(report).toMatchObject({ outcome: 'settled', stage: 'review', error: null });
  });
});

it('an order is told as taken in once, when its lines become known', async () => {
  await run();
  await world.hint();
  await run();

  expect(takenIn).toEqual([KEY.orderId]);
});
