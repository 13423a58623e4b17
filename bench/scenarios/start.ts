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

/** The three as they are started in turns: the floor by itself, the floor with a compile cache, the service. */
const measureTurns = async (
  starters: readonly (() => Promise<number>)[],
  rounds: number,
): Promise<number[][]> => {
  const times: number[][] = starters.map(() => []);
  for (let round = 0; round < WARM_UP_STARTS + rounds; round += 1) {
    for (const [index, start] of starters.entries()) {
      const startMs = await start();
      if (round >= WARM_UP_STARTS) times[index]?.push(startMs);
    }
  }
  return times;
};

const startRow = (
  name: string,
  floors: readonly number[],
  own: readonly number[],
  hasTarget: boolean,
): Row => {
  const times = median([...own]) / median([...floors]);
  const pairs = spreadOf(own.map((startMs, round) => startMs / (floors[round] ?? Number.NaN)));
  return {
    name,
    floor: ms(median([...floors])),
    service: ms(median([...own])),
    ratio: ratioText({ ...pairs, median: times }),
    target: hasTarget ? { text: `<= ${TARGET_TIMES} x the floor`, met: times <= TARGET_TIMES } : null,
    figures: { floors: [...floors], own: [...own] },
  };
};

/**
 * Spawn until `/health` answers 200. The target is against the floor as it starts by itself; the row against a floor
 * that is given a compile cache from its first line, which no service can give itself, says how much is left.
 */
export const measureStart = async (context: Context): Promise<Row[]> => {
  const upstreams = await startSilentUpstreams();
  try {
    const env = { ...upstreams.env, RECONCILE_INTERVAL_SECONDS: '0' };
    const startFloor = createStarter('floor', newFolder(context.folder, 'floor'), {});
    const plain = { NODE_COMPILE_CACHE: '' };
    const startPlainFloor = createStarter('floor', newFolder(context.folder, 'plain-floor'), plain);
    const startService = createStarter('service', newFolder(context.folder, 'service'), env);
    const cold = { floor: await startFloor(), service: await startService() };
    const starters = [startPlainFloor, startFloor, startService];
    const [plainFloors = [], floors = [], own = []] = await measureTurns(starters, context.quick ? 5 : 11);
    context.progress(`start: ${ms(median(own))} against ${ms(median(plainFloors))}`);
    return [
      startRow('start to healthy, against the floor by itself', plainFloors, own, true),
      startRow('start to healthy, against a floor with a compile cache', floors, own, false),
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
