import { describe, expect, it } from 'vitest';
import { runCampaign } from './campaign.ts';

describe('the process under load', () => {
  it('loses nothing acknowledged and doubles nothing, however often it is killed', async () => {
    const report = await runCampaign({ seed: 'kills', ends: Array.from({ length: 8 }, () => 'kill') });

    expect(report.faults).toEqual([]);
    expect(report.webhooks.acknowledged).toBeGreaterThan(20);
    expect(report.reports).toBeGreaterThan(10);
  }, 180_000);

  it('ends with 0 within ten seconds of each SIGTERM, and loses and doubles nothing', async () => {
    const report = await runCampaign({ seed: 'stops', ends: Array.from({ length: 10 }, () => 'terminate') });

    expect(report.faults).toEqual([]);
    expect(report.webhooks.acknowledged).toBeGreaterThan(20);
  }, 180_000);
});
