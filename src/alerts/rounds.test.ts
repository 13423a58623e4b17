import { describe, expect, it } from 'vitest';
import { createHeldClock } from '../../test/held-clock.ts';
import { createRounds } from './rounds.ts';

const MINUTE_MS = 60_000;

describe('rounds', () => {
  it('come every minute until they are stopped', async () => {
    const clock = createHeldClock();
    let rounds = 0;
    const running = createRounds(async () => void (rounds += 1), clock);
    running.start();

    await clock.advance(MINUTE_MS - 1);
    expect(rounds).toBe(0);
    await clock.advance(2 * MINUTE_MS);
    expect(rounds).toBe(2);

    await running.stop();
    expect(clock.sleepers()).toBe(0);
    await clock.advance(MINUTE_MS);
    expect(rounds).toBe(2);
  });

  it('are stopped only after the one under way has ended', async () => {
    const clock = createHeldClock();
    let finish = (): void => undefined;
    const running = createRounds(() => new Promise((resolve) => (finish = resolve)), clock);
    running.start();
    await clock.advance(MINUTE_MS);
    let hasStopped = false;
    const stopped = running.stop().then(() => (hasStopped = true));

    await clock.advance(0);
    expect(hasStopped).toBe(false);
    finish();
    await stopped;
    expect(hasStopped).toBe(true);
  });
});
