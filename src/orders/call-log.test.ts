import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/fakes.ts';
import { createHeldClock } from '../../test/held-clock.ts';
import type { CallOutcome } from '../lib/http-client.ts';
import { createCallLog } from './call-log.ts';
import type { OrderCall } from './model.ts';

const callOf = (operation: string, over: Partial<CallOutcome> = {}): CallOutcome => ({
  upstream: 'tiktok-shop',
  account: 'shop-1',
  operation,
  status: 200,
  durationMs: 7,
  requestId: `id-of-${operation}`,
  ...over,
});
const names = (calls: readonly OrderCall[]): string[] => calls.map(({ operation }) => operation);

describe('the log of calls', () => {
  it('gives each order its own calls when orders run between one another', async () => {
    const clock = createHeldClock(NOW);
    const log = createCallLog(clock);
    const run = async (name: string): Promise<void> => {
      for (const step of [1, 2, 3]) {
        await new Promise((resolve) => setImmediate(resolve));
        log.called(callOf(`${name}${step}`));
      }
    };
    const [a, b]: [OrderCall[], OrderCall[]] = [[], []];
    await Promise.all([log.gather(a, 1, () => run('a')), log.gather(b, 50, () => run('b'))]);

    expect(names(a)).toEqual(['a1', 'a2', 'a3']);
    expect(names(b)).toEqual(['b1', 'b2', 'b3']);
    expect(b[0]).toEqual({
      atMs: NOW,
      upstream: 'tiktok-shop',
      operation: 'b1',
      status: 200,
      durationMs: 7,
      requestId: 'id-of-b1',
      orders: 50,
    });
  });

  it('takes no note of what is called for no order', async () => {
    const log = createCallLog(createHeldClock(NOW));
    const calls: OrderCall[] = [];
    log.called(callOf('before'));
    await log.gather(calls, 1, () => Promise.resolve());
    log.called(callOf('after'));

    expect(calls).toEqual([]);
  });

  it('a call that had no answer is kept as such', async () => {
    const log = createCallLog(createHeldClock(NOW));
    const calls: OrderCall[] = [];
    await log.gather(calls, 1, () => {
      log.called(callOf('read', { status: null, requestId: undefined }));
      return Promise.resolve();
    });

    expect(calls).toMatchObject([{ status: null, requestId: null }]);
  });
});
