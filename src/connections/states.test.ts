import { describe, expect, it } from 'vitest';
import { createHeldClock } from '../../test/held-clock.ts';
import type { ConnectState } from '../store/store.ts';
import { createConnectStates, STATE_LIFE_MS } from './states.ts';

const PRINCIPAL = { name: 'admin', userId: null, role: 'admin', shopIds: null } as const;

const setUp = () => {
  const rows = new Map<string, ConnectState>();
  const clock = createHeldClock();
  const connect = {
    addState: async (state: ConnectState) => void rows.set(state.stateHash, state),
    takeState: async (hash: string, nowMs: number) => {
      const row = rows.get(hash);
      rows.delete(hash);
      return row && row.expiresAtMs > nowMs ? row : null;
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only these two are called
  const states = createConnectStates({ connect } as never, clock);
  const begin = (isBrowser = false) =>
    states.begin('tiktok-shop', { principal: PRINCIPAL, wish: { a: 'b' } }, { isBrowser });
  return { rows, clock, states, begin };
};

describe('a state', () => {
  it('brings back who began and what for, once', async () => {
    const { states, begin } = setUp();
    const { state } = await begin();

    expect(await states.take('tiktok-shop', state, null)).toEqual({
      ok: true,
      undertaking: { principal: PRINCIPAL, wish: { a: 'b' } },
    });
    expect(await states.take('tiktok-shop', state, null)).toEqual({ ok: false, problem: 'unknown' });
  });

  it('is random, and what is stored cannot be turned into it', async () => {
    const { rows, begin } = setUp();
    const [one, two] = [await begin(true), await begin(true)];

    expect(one.state).toMatch(/^[\w-]{43}$/);
    expect(one.state).not.toBe(two.state);
    const stored = JSON.stringify([...rows]);
    for (const secret of [one.state, one.browserKey ?? '-', two.state]) expect(stored).not.toContain(secret);
  });

  it('is too old after 15 minutes', async () => {
    const { clock, states, begin } = setUp();
    const [early, late] = [await begin(), await begin()];

    await clock.advance(STATE_LIFE_MS - 1);
    expect((await states.take('tiktok-shop', early.state, null)).ok).toBe(true);
    await clock.advance(1);

    expect(await states.take('tiktok-shop', late.state, null)).toEqual({ ok: false, problem: 'unknown' });
  });

  it('does not serve for the other side', async () => {
    const { states, begin } = setUp();
    const { state } = await begin();

    expect(await states.take('amazon', state, null)).toEqual({ ok: false, problem: 'unknown' });
  });

  it('begun in a browser serves in that browser only, and is spent by a try in another', async () => {
    const { states, begin } = setUp();
    const [mine, theirs, bare] = [await begin(true), await begin(true), await begin(true)];
    const other = { ok: false, problem: 'other_browser' };

    expect((await states.take('tiktok-shop', mine.state, mine.browserKey)).ok).toBe(true);
    expect(await states.take('tiktok-shop', theirs.state, mine.browserKey)).toEqual(other);
    expect((await states.take('tiktok-shop', theirs.state, theirs.browserKey)).ok).toBe(false);
    expect(await states.take('tiktok-shop', bare.state, null)).toEqual(other);
  });
});
