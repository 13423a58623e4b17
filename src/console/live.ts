import type { FastifyInstance } from 'fastify';
import { createBell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { type Principal, sees } from '../people/principal.ts';
import type { ConsoleDeps } from './deps.ts';

/** Each open page holds one; more than a team has would only be a fault or an attack. */
const MAX_LISTENERS = 200;
/** However much changes, pages ask anew once in this time. */
const AT_MOST_EVERY_MS = 1_000;
/** Proxies cut what is silent for longer. */
const BEAT_MS = 25_000;

/** Then a browser connects again, and whether its session still holds is asked anew. */
const LIFE_MS = 10 * 60_000;

type Follow = {
  clock: Clock;
  onChange: ConsoleDeps['onChange'];
  principal: Principal;
  over: AbortSignal;
};

/** Writes an event after changes of orders that one may see and a comment where there are none, until it is over. */
const follow = async (
  { clock, onChange, principal, over }: Follow,
  write: (text: string) => void,
): Promise<void> => {
  const bell = createBell();
  const untilMs = clock.nowMs() + LIFE_MS;
  let heard = bell.next();
  const stop = onChange((shopId) => {
    if (sees(principal, shopId)) bell.ring();
  });
  try {
    while (!over.aborted && clock.nowMs() < untilMs) {
      const waited = new AbortController();
      const isChanged = await Promise.race([
        heard.then(() => true),
        clock.sleep(BEAT_MS, AbortSignal.any([over, waited.signal])).then(() => false),
      ]);
      waited.abort();
      if (over.aborted) break;
      // Before anybody asks anew, so that what comes meanwhile is told again.
      heard = bell.next();
      write(isChanged ? 'event: changed\ndata:\n\n' : ': still here\n\n');
      await clock.sleep(AT_MOST_EVERY_MS, over);
    }
  } finally {
    stop();
  }
};

/**
 * `GET /console/live`: server-sent events that say that something changed, and nothing of what. Ends with the server,
 * or when its reader goes.
 */
export const liveRoutes = (
  app: FastifyInstance,
  { clock, onChange }: Pick<ConsoleDeps, 'clock' | 'onChange'>,
): void => {
  const closing = new AbortController();
  let listeners = 0;
  app.addHook('preClose', async () => closing.abort());

  app.get('/console/live', { config: { needs: 'viewer' } }, async ({ principal }, reply) => {
    if (listeners >= MAX_LISTENERS)
      throw new AppError(
        'too_many_listeners',
        503,
        'Too many pages are open; load this one again to see news.',
      );
    listeners += 1;
    const gone = new AbortController();
    const { raw } = reply;
    raw.once('close', () => gone.abort());
    reply.headers({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }).hijack();
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) raw.setHeader(name, value);
    raw.write(': open\n\n');
    const over = AbortSignal.any([gone.signal, closing.signal]);
    try {
      await follow({ clock, onChange, principal, over }, (text) => void raw.write(text));
    } finally {
      listeners -= 1;
      raw.end();
    }
  });
};
