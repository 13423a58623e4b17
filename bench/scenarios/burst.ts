import type { Context, Row } from '../lib/context.ts';
import type { Disk } from '../lib/disk.ts';
import { runLoad } from '../lib/load-run.ts';
import type { Summary } from '../lib/plan.ts';
import { newFolder, type ServerKind, startServer } from '../lib/servers.ts';
import { spreadOf } from '../lib/stats.ts';
import { placeOrders, startSimulators } from '../lib/upstreams.ts';
import { disk as diskText, ms, ratio as ratioText } from '../report.ts';

const BURST = 500;
/** TikTok takes a later answer for none. */
const TARGET_MS = 3_000;

const measureOnce = async (context: Context, disk: Disk, kind: ServerKind): Promise<Summary> => {
  const simulators = await startSimulators();
  const folder = newFolder(context.folder, kind);
  const server = await startServer({ kind, folder, disk, env: kind === 'service' ? simulators.env : {} });
  try {
    return await runLoad(server, folder, {
      mode: { kind: 'burst' },
      count: BURST,
      orderIds: placeOrders(simulators.tiktok, BURST),
      shopId: simulators.tiktok.shop.id,
    });
  } finally {
    await server.kill();
    await simulators.close();
  }
};

const rowOf = (disk: Disk, floors: readonly Summary[], own: readonly Summary[]): Row => {
  const worst = Math.max(...own.map((run) => run.maxMs));
  const isAllAcknowledged = own.every((run) => run.acknowledged === BURST);
  const text = (runs: readonly Summary[]): string =>
    `${ms(spreadOf(runs.map((run) => run.p99Ms)).median)} / ${ms(Math.max(...runs.map((run) => run.maxMs)))}`;
  return {
    name: `burst of ${BURST} new connections, p99 / max, ${diskText(disk)}`,
    floor: text(floors),
    service: text(own),
    ratio: ratioText(spreadOf(own.map((run, round) => run.maxMs / (floors[round]?.maxMs ?? Number.NaN)))),
    target: { text: `each within ${TARGET_MS / 1_000} s`, met: worst < TARGET_MS && isAllAcknowledged },
    figures: { floor: floors, service: own },
  };
};

/** Acknowledgement of a burst, cold, with the simulators behind the service: their orders exist and are placed. */
export const measureBurst = async (context: Context): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const disk of context.disks) {
    const floors: Summary[] = [];
    const own: Summary[] = [];
    for (let round = 0; round < (context.quick ? 1 : 3); round += 1) {
      floors.push(await measureOnce(context, disk, 'floor'));
      own.push(await measureOnce(context, disk, 'service'));
    }
    context.progress(`burst ${diskText(disk)}: max ${ms(Math.max(...own.map((run) => run.maxMs)))}`);
    rows.push(rowOf(disk, floors, own));
  }
  return rows;
};
