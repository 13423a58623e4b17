import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/store/open.ts';
import { ADMIN_TOKEN, type Server, startServer } from './servers.ts';
import { placeOrders, type Simulators } from './upstreams.ts';

const DONE_WITHIN_MS = 300_000;
const POLL_MS = 200;
const BATCH = 500;

const Report = z.object({ durationMs: z.number(), errors: z.array(z.object({ code: z.string() })) });
export type PassReport = z.output<typeof Report>;

/** Asks a service for one pass and waits for its report. */
export const reconcile = async ({ port }: Server): Promise<PassReport> => {
  const answer = await fetch(`http://127.0.0.1:${port}/reconcile`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  if (answer.status !== 200) throw new Error(`/reconcile answered ${answer.status}`);
  return Report.parse(await answer.json());
};

/** Passes until one says that nothing is left running. */
export const settle = async (server: Server): Promise<void> => {
  const giveUpMs = performance.now() + DONE_WITHIN_MS;
  for (;;) {
    const { errors } = await reconcile(server);
    if (errors.length === 0) return;
    if (performance.now() > giveUpMs)
      throw new Error(`reconcile does not settle: ${errors[0]?.code ?? 'unknown'}`);
    await sleep(POLL_MS);
  }
};

/** The service with quotas lifted, `shiftMs` off the time of the machine. */
export const startLifted = ({ folder, simulators }: Place, shiftMs: number): Promise<Server> =>
  startServer({
    kind: 'service',
    folder,
    disk: { addedMs: 0, env: {} },
    env: { ...simulators.env, SHIFT_MS: String(shiftMs) },
    flags: ['--import', join(import.meta.dirname, 'lifted.ts')],
  });

type Place = { folder: string; simulators: Simulators };

/** The service itself routes `count` orders, `agoMs` in the past. Answers their ids. */
export const seedOpen = async (place: Place, count: number, agoMs: number): Promise<string[]> => {
  const { simulators } = place;
  const orderIds = placeOrders(simulators.tiktok, count);
  const server = await startLifted(place, -agoMs);
  try {
    await settle(server);
  } finally {
    await server.stop();
  }
  const created = simulators.amazon.creates.length;
  if (created !== count) throw new Error(`${created} of ${count} orders were created at Amazon`);
  return orderIds;
};

/** Orders that ended long ago and are in no list any more, written through the store's own door. */
export const seedClosed = async ({ folder, simulators }: Place, count: number): Promise<void> => {
  const store = await openStore({
    databaseUrl: `file:${join(folder, 'bench.db')}`,
    encryptionKey: null,
    clock: systemClock,
  });
  try {
    for (let from = 0; from < count; from += BATCH) {
      const keys = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => ({
        channel: 'tiktok-shop',
        shopId: simulators.tiktok.shop.id,
        orderId: `56000${String(from + at).padStart(13, '0')}`,
      }));
      const nowMs = systemClock.nowMs();
      await store.orders.hint(
        keys.map((key) => ({ key, updatedAtMs: null })),
        nowMs,
      );
      await Promise.all(keys.map((key) => store.orders.lease(key, `seed-${key.orderId}`, nowMs)));
      await Promise.all(
        keys.map((key) =>
          store.orders.release(
            key,
            `seed-${key.orderId}`,
            1,
            {
              patch: {
                stage: 'completed',
                reason: 'completed',
                nextAttemptAtMs: null,
                orderUpdatedAtMs: nowMs,
              },
              events: [{ atMs: nowMs, event: 'stage_completed', detail: 'completed' }],
            },
            nowMs,
          ),
        ),
      );
    }
  } finally {
    await store.close();
  }
};
