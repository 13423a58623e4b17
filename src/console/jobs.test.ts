import { describe, expect, it, vi } from 'vitest';
import { NOW, recordOf } from '../../test/fakes.ts';
import { createHeldClock } from '../../test/held-clock.ts';
import type { OrderKey, OrderRecord } from '../orders/model.ts';
import type { Principal } from '../people/principal.ts';
import { createJobs, type Job, type JobOrder } from './jobs.ts';

const ANN: Principal = { name: 'ann', userId: 'u1', role: 'operator', shopIds: null };
const BOB: Principal = { name: 'bob', userId: 'u2', role: 'operator', shopIds: null };

const keysOf = (count: number): OrderKey[] =>
  Array.from({ length: count }, (_, index) => ({
    channel: 'tiktok-shop',
    shopId: 's1',
    orderId: String(index),
  }));

const open = () =>
  createJobs({
    clock: createHeldClock(NOW),
    faultText: (error) => (error instanceof Error ? error.message : 'unknown'),
  });

const orderOf = (count: number, run: (key: OrderKey) => Promise<OrderRecord>): JobOrder => ({
  title: 'Try all again',
  principal: ANN,
  canReopen: false,
  keys: keysOf(count),
  run,
});

const over = (job: Job): Promise<void> => vi.waitFor(() => expect(job.endedAtMs).not.toBeNull());

/** Work that is in hand until it is let go. */
const held = () => {
  const waiting: (() => void)[] = [];
  return {
    begun: () => waiting.length,
    run: (): Promise<OrderRecord> =>
      new Promise((resolve) => waiting.push(() => resolve(recordOf({ stage: 'fulfilling' })))),
    letGo: () => {
      for (const go of waiting) go();
    },
  };
};

describe('long work', () => {
  it('does every order once, and one that fails keeps none of the others back', async () => {
    const seen: string[] = [];
    const job = open().start(
      orderOf(9, (key) => {
        seen.push(key.orderId);
        if (key.orderId === '3') return Promise.reject(new Error('it is busy'));
        return Promise.resolve(recordOf({ stage: key.orderId === '5' ? 'review' : 'fulfilling' }));
      }),
    );
    await over(job);

    expect(seen.toSorted()).toEqual(keysOf(9).map(({ orderId }) => orderId));
    expect(job).toMatchObject({
      total: 9,
      done: 9,
      stayed: 1,
      isCut: false,
      faults: [{ orderId: '3', text: 'it is busy' }],
    });
    expect(job.left.map(({ orderId }) => orderId).toSorted()).toEqual(['0', '1', '2', '4', '6', '7', '8']);
  });

  it('shows how far it is while it goes on, to who began it alone', async () => {
    const jobs = open();
    const work = held();
    const job = jobs.start(orderOf(2, work.run));

    expect(jobs.find(job.id, ANN)).toMatchObject({ total: 2, done: 0, endedAtMs: null });
    expect(jobs.find(job.id, BOB)).toBeNull();
    work.letGo();
    await over(job);
    expect(jobs.find(job.id, ANN)).toMatchObject({ done: 2, endedAtMs: NOW });
  });

  it('finishes what is in hand when the service stops, and begins nothing more', async () => {
    const jobs = open();
    const work = held();
    const job = jobs.start(orderOf(50, work.run));
    const stopped = jobs.stop();
    const begun = work.begun();
    work.letGo();
    await stopped;

    expect(begun).toBeLessThan(50);
    expect(job).toMatchObject({ isCut: true, done: begun });
    expect(work.begun()).toBe(begun);
  });

  it('refuses more than a few at a time, and takes more when one is over', async () => {
    const jobs = open();
    const work = held();
    const begun = Array.from({ length: 5 }, () => jobs.start(orderOf(1, work.run)));

    expect(() => jobs.start(orderOf(1, work.run))).toThrow(
      expect.objectContaining({ code: 'too_many_jobs' }),
    );
    work.letGo();
    await Promise.all(begun.map(over));
    await vi.waitFor(() => expect(jobs.start(orderOf(0, work.run))).toMatchObject({ total: 0 }));
  });
});
