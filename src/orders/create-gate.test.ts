import { beforeEach, describe, expect, it } from 'vitest';
import { type CreateGate, createCreateGate } from './create-gate.ts';

let capacity: number;
let queued: number;
let gate: CreateGate;

beforeEach(() => {
  capacity = 28;
  queued = 0;
  gate = createCreateGate({
    capacity: () => capacity,
    onQueued: () => {
      queued += 1;
    },
  });
  gate.setQueue('amazon', false);
});

/** Work that asks, and then goes on until it is ended by hand. */
const asking = () => {
  let end = (): void => undefined;
  let answer: boolean | null = null;
  const work = gate.pass(async (mayCreate) => {
    answer = mayCreate('amazon');
    await new Promise<void>((resolve) => (end = resolve));
  });
  return { answer: () => answer, end: () => end(), work };
};

describe('a create that somebody finds is to be made', () => {
  it('goes out where it need not wait', async () => {
    const one = asking();
    one.end();
    await one.work;

    expect(one.answer()).toBe(true);
    expect(queued).toBe(0);
  });

  it('queues while others are queued, and the one who serves them is told once its order is there', async () => {
    gate.setQueue('amazon', true);
    const one = asking();
    const early = queued;
    one.end();
    await one.work;

    expect(one.answer()).toBe(false);
    expect([early, queued]).toEqual([0, 1]);
  });

  it('queues where no quota is left, and those behind it queue as well', async () => {
    capacity = 0;
    const first = asking();
    capacity = 28;
    const second = asking();

    expect([first.answer(), second.answer()]).toEqual([false, false]);
    expect(gate.hasQueue('amazon')).toBe(true);
  });

  it('counts those that were let through and have not taken their token yet', async () => {
    capacity = 1;
    const first = asking();
    first.end();
    await first.work;
    const second = asking();
    const third = asking();

    expect([second.answer(), third.answer()]).toEqual([true, false]);
  });

  it('queues until somebody looked whether a stop left a queue', () => {
    const fresh = createCreateGate({ capacity: () => 28, onQueued: () => undefined });

    expect(fresh.hasQueue('amazon')).toBe(true);
  });

  it('gives its place back when the work fails', async () => {
    capacity = 1;
    await gate
      .pass((mayCreate) => {
        mayCreate('amazon');
        return Promise.reject(new Error('store gone'));
      })
      .catch(() => undefined);

    expect(asking().answer()).toBe(true);
  });
});

describe('several accounts', () => {
  const left = new Map<string, number>();
  const openGate = (): CreateGate =>
    createCreateGate({ capacity: (account) => left.get(account) ?? 0, onQueued: () => undefined });

  it('one that is exhausted lets the other’s creates go', async () => {
    left.set('one', 0).set('two', 5);
    const both = openGate();
    for (const account of ['one', 'two']) both.setQueue(account, false);

    const answers = await both.pass(async (mayCreate) => [mayCreate('one'), mayCreate('two')]);

    expect(answers).toEqual([false, true]);
    expect([both.hasQueue('one'), both.hasQueue('two')]).toEqual([true, false]);
  });

  it('one that nobody has looked at yet may have a queue', () => {
    expect(openGate().hasQueue('new')).toBe(true);
  });

  it('leave given at one takes nothing from the other', async () => {
    left.set('one', 1).set('two', 1);
    const both = openGate();
    for (const account of ['one', 'two']) both.setQueue(account, false);

    const answers = await both.pass((mayFirst) =>
      both.pass(async (maySecond) => [mayFirst('one'), maySecond('two'), maySecond('one')]),
    );

    expect(answers).toEqual([true, true, false]);
  });
});
