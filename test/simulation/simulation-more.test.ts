import { describe, expect, it } from 'vitest';
import { runSeeds } from './many-seeds.ts';

const TIME_LIMIT_MS = 600_000;

describe('the service in another hundred seeded worlds', () => {
  it('breaks nothing', async () => expect((await runSeeds(101, 100)).broken).toEqual([]), TIME_LIMIT_MS);
});
