import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveRoutes } from '../../src/console/live.ts';
import { addProblems } from '../../src/http/problems.ts';
import type { Principal } from '../../src/people/principal.ts';
import { createHeldClock } from '../held-clock.ts';

const MOST = 200;
const SECOND_MS = 1_000;
const TEN_MINUTES_MS = 600_000;

const all: Principal = { name: 'all', userId: '1', role: 'viewer', shopIds: null };
const ofA: Principal = { name: 'of A', userId: '2', role: 'viewer', shopIds: ['A'] };

/** What a browser has heard so far. */
type Heard = {
  status: number;
  type: string | null;
  noStore: string | null;
  text: () => string;
  over: Promise<void>;
  leave(): void;
};

describe('news for open pages', () => {
  let app: FastifyInstance;
  let clock: ReturnType<typeof createHeldClock>;
  let base: string;
  let listeners: Set<(shopId: string) => void>;
  const left: (() => void)[] = [];

  beforeEach(async () => {
    clock = createHeldClock();
    listeners = new Set();
    app = Fastify();
    addProblems(app, clock);
    app.addHook('onRequest', async (request, reply) => {
      request.principal = request.headers['x-who'] === 'A' ? ofA : all;
      reply.header('cache-control', 'no-store');
    });
    liveRoutes(app, {
      clock,
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    });
    base = await app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    for (const leave of left.splice(0)) leave();
    await app.close();
  });

  const change = (shopId: string): void => {
    for (const listener of listeners) listener(shopId);
  };
  const open = async (who = 'all'): Promise<Heard> => {
    const stop = new AbortController();
    const answer = await fetch(`${base}/console/live`, { headers: { 'x-who': who }, signal: stop.signal });
    let text = '';
    const over = (async () => {
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
        text += part.value;
    })().catch(() => undefined);
    const leave = (): void => stop.abort();
    left.push(leave);
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      noStore: answer.headers.get('cache-control'),
      text: () => text,
      over,
      leave,
    };
  };
  const countOf = ({ text }: Heard): number => text().split('event: changed').length - 1;
  const hears = (heard: Heard, count: number) =>
    vi.waitFor(() => expect(countOf(heard)).toBe(count), { timeout: 10_000 });

  it('come as server-sent events that nothing on the way keeps', async () => {
    const heard = await open();

    expect(heard).toMatchObject({ status: 200, type: 'text/event-stream', noStore: 'no-store' });
    change('A');
    await hears(heard, 1);
    expect(heard.text()).toBe(': open\n\nevent: changed\ndata:\n\n');
  });

  it('say once in a second that something changed, however much did', async () => {
    const heard = await open();
    for (let index = 0; index < 100; index += 1) change('A');
    await hears(heard, 1);
    for (let index = 0; index < 100; index += 1) change('A');
    await clock.advance(SECOND_MS);

    await hears(heard, 2);
    expect(heard.text().split('\n\n')).toHaveLength(4);
  });

  it('tell somebody of shop A nothing of other shops, not even that something happened', async () => {
    const [limited, whole] = [await open('A'), await open()];
    change('B');
    await hears(whole, 1);
    await clock.advance(SECOND_MS);
    change('A');
    await hears(limited, 1);
    await hears(whole, 2);

    expect(limited.text()).toBe(': open\n\nevent: changed\ndata:\n\n');
  });

  it('send a sign of life where nothing happens, so that no proxy cuts them', async () => {
    const heard = await open();
    await clock.advance(25 * SECOND_MS);

    await vi.waitFor(() => expect(heard.text()).toContain(': still here'), { timeout: 10_000 });
    expect(countOf(heard)).toBe(0);
  });

  it('end after ten minutes, so that a session that is over gets no more', async () => {
    const heard = await open();
    for (let passedMs = 0; passedMs <= TEN_MINUTES_MS + 60 * SECOND_MS; passedMs += 13 * SECOND_MS)
      await clock.advance(13 * SECOND_MS);

    await heard.over;
    expect(listeners.size).toBe(0);
  });

  it('end with the service at once, for every reader', async () => {
    const heard = [await open(), await open(), await open('A')];
    await app.close();

    await Promise.all(heard.map(({ over }) => over));
    expect(listeners.size).toBe(0);
  });

  it('are for so many pages at once; one that leaves makes room', async () => {
    const readers = await Promise.all(Array.from({ length: MOST }, () => open()));
    expect(readers.every(({ status }) => status === 200)).toBe(true);
    expect((await open()).status).toBe(503);

    readers[0]?.leave();
    await vi.waitFor(() => expect(listeners.size).toBe(MOST - 1), { timeout: 10_000 });
    await vi.waitFor(async () => expect((await open()).status).toBe(200), { timeout: 10_000 });
  });
});
