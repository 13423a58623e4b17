import { statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/store/open.ts';
import { playTypicalLives } from '../../test/store/typical-lives.ts';
import type { Context, Row } from '../lib/context.ts';
import { count } from '../report.ts';

const DAY_MS = 24 * 3_600_000;

/** What the database file grows by for 1,000 orders, from the first notification to the completed order. */
export const measureGrowth = async (context: Context): Promise<Row[]> => {
  const lives = context.quick ? 500 : 5_000;
  const path = join(context.folder, 'growth.db');
  const open = () => openStore({ databaseUrl: `file:${path}`, encryptionKey: null, clock: systemClock });
  await (await open()).close();
  const emptyBytes = statSync(path).size;
  const store = await open();
  await playTypicalLives(store, systemClock, lives);
  const { completed } = await store.orders.stageCounts(null);
  if (completed !== lives) throw new Error(`${completed} of ${lives} lives came to their end`);
  await store.close();
  const wholeBytes = statSync(path).size - emptyBytes;

  const pruned = await open();
  const laterMs = systemClock.nowMs() + DAY_MS;
  const startedMs = performance.now();
  let writes = 0;
  while ((await pruned.retention.pruneNotifications(laterMs, 500)) > 0) writes += 1;
  let position: number | null = 0;
  while (position !== null) {
    ({ position } = await pruned.retention.pruneOrders(laterMs, position, 50));
    writes += 1;
  }
  const msPerWrite = (performance.now() - startedMs) / writes;
  await playTypicalLives(pruned, systemClock, lives);
  await pruned.close();
  const reusedBytes = statSync(path).size - emptyBytes;

  const perThousand = Math.round((wholeBytes / lives) * 1_000);
  context.progress(`growth: ${count(perThousand)} bytes for 1,000 orders`);
  return [
    {
      name: `bytes that 1,000 orders add to the file (${count(lives)} whole lives)`,
      floor: '',
      service: count(perThousand),
      ratio: '',
      target: null,
      figures: { lives, wholeBytes, perThousand },
    },
    {
      name: 'size after deleting all of them and as many again',
      floor: count(wholeBytes),
      service: count(reusedBytes),
      ratio: (reusedBytes / wholeBytes).toFixed(2),
      target: null,
      figures: { wholeBytes, reusedBytes, writes, msPerWrite },
    },
  ];
};
