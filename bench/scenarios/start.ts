import type { Context, Row } from '../lib/context.ts';
import { newFolder, type Server, type ServerKind, startServer } from '../lib/servers.ts';
import { median, spreadOf } from '../lib/stats.ts';
import { startSilentUpstreams } from '../lib/upstreams.ts';
import { ms, ratio as ratioText } from '../report.ts';

const TARGET_TIMES = 2;
const WARM_UP_STARTS = 2;
const HERE = { addedMs: 0, env: {} };

/** Starts a server over and over in one folder, so that its compile cache and its database are there. */
const createStarter =
  (kind: ServerKind, folder: string, env: Record<string, string>) => async (): Promise<number> => {
    const server: Server = await startServer({ kind, folder, disk: HERE, env });
    // A clean exit writes the compile cache.
    await server.stop();
    return server.startMs;
  };

/** Spawn until `/health` answers 200, in turns with the floor. */
export const measureStart = async (context: Context): Promise<Row[]> => {
  const upstreams = await startSilentUpstreams();
  try {
    const env = { ...upstreams.env, RECONCILE_INTERVAL_SECONDS: '0' };
    const startFloor = createStarter('floor', newFolder(context.folder, 'floor'), {});
    const startService = createStarter('service', newFolder(context.folder, 'service'), env);
    const cold = { floor: await startFloor(), service: await startService() };
    for (let start = 1; start < WARM_UP_STARTS; start += 1) {
      await startFloor();
      await startService();
    }
    const floors: number[] = [];
    const own: number[] = [];
    for (let round = 0; round < (context.quick ? 5 : 11); round += 1) {
      floors.push(await startFloor());
      own.push(await startService());
    }
    const times = median(own) / median(floors);
    context.progress(`start: ${ms(median(own))} against ${ms(median(floors))}`);
    const pairs = spreadOf(own.map((startMs, round) => startMs / (floors[round] ?? Number.NaN)));
    return [
      {
        name: 'start to healthy, warm compile cache',
        floor: ms(median(floors)),
        service: ms(median(own)),
        ratio: ratioText({ ...pairs, median: times }),
        target: { text: `<= ${TARGET_TIMES} x the floor`, met: times <= TARGET_TIMES },
        figures: { floors, own },
      },
      {
        name: 'first start: new database, no compile cache',
        floor: ms(cold.floor),
        service: ms(cold.service),
        ratio: (cold.service / cold.floor).toFixed(2),
        target: null,
        figures: cold,
      },
    ];
  } finally {
    await upstreams.close();
  }
};
