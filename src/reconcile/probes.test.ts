import { beforeEach, describe, expect, it } from 'vitest';
import { failureOf, MINUTE, NOW } from '../../test/fakes.ts';
import { createHeldClock, type HeldClock } from '../../test/held-clock.ts';
import type { UpstreamErrorCode } from '../lib/errors.ts';
import { createSide, type Side } from '../lib/side.ts';
import { type Probes, startProbes } from './probes.ts';

let clock: HeldClock;
let side: Side;
let probes: Probes;
let answer: UpstreamErrorCode | null;
let calls: number;

beforeEach(() => {
  clock = createHeldClock(NOW, 3);
  side = createSide('amazon-mcf', clock);
  answer = null;
  calls = 0;
  probes = startProbes({ sides: () => [side], probe: () => call(), clock });
});

const call = (): Promise<unknown> =>
  side.guard('fetch', () => {
    calls += 1;
    return answer === null ? Promise.resolve() : Promise.reject(failureOf({ code: answer }));
  });
const fails = async (code: UpstreamErrorCode, times: number): Promise<void> => {
  answer = code;
  for (let count = 0; count < times; count += 1) await call().catch(() => undefined);
};

describe('a side that nothing needs', () => {
  it('is not called while it is well', async () => {
    await call();
    await clock.advance(60 * MINUTE);
    await probes.stop();

    expect(calls).toBe(1);
  });

  it('is known to be back within fifteen minutes after its credentials are right again', async () => {
    await fails('upstream_auth_refused', 1);
    await clock.advance(14 * MINUTE);
    const early = calls;
    answer = null;

    await clock.advance(2 * MINUTE);
    await probes.stop();

    expect(early).toBe(1);
    expect(side.state().state).toBe('ok');
  });

  it.each([1, 5])(
    'is known to be back within about a minute after an outage (%i calls failed)',
    async (times) => {
      await fails('upstream_unreachable', times);
      await clock.advance(20 * MINUTE);
      const during = calls;
      answer = null;

      await clock.advance(MINUTE + 20_000);
      await probes.stop();

      expect(during).toBeLessThan(40);
      expect(side.state().state).toBe('ok');
    },
  );
});
