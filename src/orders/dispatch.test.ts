import { describe, expect, it } from 'vitest';
import { KEY, NOW } from '../../test/fakes.ts';
import { createHeldClock } from '../../test/held-clock.ts';
import type { ConvergeReport } from './converge.ts';
import { createDispatcher, type DispatchDeps } from './dispatch.ts';
import type { OrderKey } from './model.ts';

const keyOf = (orderId: number): OrderKey => ({ ...KEY, orderId: String(orderId) });
const settled: ConvergeReport = {
  outcome: 'settled',
  stage: 'fulfilling',
  created: 1,
  reported: 0,
  cancelled: 0,
  error: null,
};

/** A dispatcher whose orders run until they are ended by hand. */
const setUp = (overrides: Partial<DispatchDeps> = {}) => {
  const clock = createHeldClock(NOW);
  const begun: string[] = [];
  const ends: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const seen = { left: 0, faults: [] as unknown[] };
  const dispatcher = createDispatcher({
    converger: {
      converge: (key) => {
        begun.push(key.orderId);
        return new Promise((resolve, reject) => ends.push({ resolve: () => resolve(settled), reject }));
      },
    },
    capacity: () => 1,
    isBehind: () => false,
    leaveToWorker: () => {
      seen.left += 1;
    },
    clock,
    budgetMs: 1500,
    onFault: (error) => seen.faults.push(error),
    ...overrides,
  });
  const watch = (work: Promise<void> | null) => {
    const state = { done: false };
    void work?.finally(() => {
      state.done = true;
    });
    return state;
  };
  return { clock, begun, ends, seen, dispatcher, watch };
};

describe('a webhook’s order', () => {
  it('is run inline, and the answer waits for it', async () => {
    const { clock, begun, ends, dispatcher, watch } = setUp();

    const answer = watch(dispatcher.dispatch([keyOf(1)]));
    await clock.advance(1499);
    const waited = !answer.done;
    ends[0]?.resolve();
    await clock.advance(0);

    expect(begun).toEqual(['1']);
    expect(waited).toBe(true);
    expect(answer.done).toBe(true);
    expect(clock.sleepers()).toBe(0);
  });

  it('lets the answer go when the budget is spent, and goes on behind it', async () => {
    const { clock, ends, dispatcher, watch } = setUp();

    const answer = watch(dispatcher.dispatch([keyOf(1)]));
    await clock.advance(1500);
    await clock.advance(0);
    const all = watch(dispatcher.settled());
    await clock.advance(0);
    const stillRunning = !all.done;
    ends[0]?.resolve();
    await clock.advance(0);

    expect(answer.done).toBe(true);
    expect(stillRunning).toBe(true);
    expect(all.done).toBe(true);
  });

  it.each([
    { why: 'older orders wait', deps: { isBehind: () => true } },
    { why: 'no quota is left', deps: { capacity: () => 0 } },
    { why: 'there is no budget', deps: { budgetMs: 0 } },
  ])('is left to the worker when $why, and the answer goes out at once', async ({ deps }) => {
    const { begun, dispatcher, seen } = setUp(deps);

    await dispatcher.dispatch([keyOf(1), keyOf(2)]);

    expect(begun).toEqual([]);
    expect(seen.left).toBe(2);
  });

  it('is left to the worker when eight are running, until one of them ends', async () => {
    const { clock, begun, ends, dispatcher, seen } = setUp();

    void dispatcher.dispatch(Array.from({ length: 10 }, (_, index) => keyOf(index)));
    const { length } = begun;
    ends[0]?.resolve();
    await clock.advance(0);
    void dispatcher.dispatch([keyOf(10)]);

    expect(length).toBe(8);
    expect(seen.left).toBe(2);
    expect(begun).toHaveLength(9);
  });

  it('that fails is told, and neither rejects the answer nor keeps its place', async () => {
    const { clock, ends, dispatcher, seen } = setUp();
    const work = dispatcher.dispatch([keyOf(1)]);

    ends[0]?.reject(new Error('store gone'));

    await expect(work).resolves.toBeUndefined();
    await clock.advance(0);
    await expect(dispatcher.settled()).resolves.toBeUndefined();
    expect(seen.faults).toEqual([new Error('store gone')]);
  });

  it('of no order at all needs nothing', async () => {
    const { dispatcher, clock } = setUp();

    await dispatcher.dispatch([]);

    expect(clock.sleepers()).toBe(0);
  });
});
