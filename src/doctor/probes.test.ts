import { describe, expect, it } from 'vitest';
import { createHeldClock } from '../../test/held-clock.ts';
import { passed } from './line.ts';
import { runProbes } from './probes.ts';

describe('probes', () => {
  it('one that hangs fails only its own lines, at the deadline', async () => {
    const clock = createHeldClock();
    const subject = { shopId: '7' };
    const running = runProbes(
      [
        { checks: ['tiktok_orders', 'tiktok_returns'], subject, run: () => new Promise(() => undefined) },
        { checks: ['store'], run: async () => [passed('store', 'fine')] },
      ],
      clock,
      20_000,
    );
    await clock.advance(20_000);

    expect(await running).toMatchObject([
      { check: 'store', state: 'passed' },
      { check: 'tiktok_orders', state: 'failed', shopId: '7', message: 'No answer within 20 s.' },
      { check: 'tiktok_returns', state: 'failed', shopId: '7' },
    ]);
  });

  it('one that breaks fails only its own lines, and says nothing of what it met', async () => {
    const lines = await runProbes(
      [
        { checks: ['sku_map'], run: () => Promise.reject(new Error('token=secret')) },
        { checks: ['store'], run: async () => [passed('store', 'fine')] },
      ],
      createHeldClock(),
      20_000,
    );

    expect(lines).toMatchObject([{ check: 'store' }, { check: 'sku_map', state: 'failed' }]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});
