import type { Context, Row } from '../lib/context.ts';
import type { Disk } from '../lib/disk.ts';
import { type Load, runLoad } from '../lib/load-run.ts';
import type { Summary } from '../lib/plan.ts';
import { newFolder, type ServerKind, startServer } from '../lib/servers.ts';
import { spreadOf } from '../lib/stats.ts';
import { startSilentUpstreams, type Upstreams } from '../lib/upstreams.ts';
import { count, disk as diskText, ms, ratio as ratioText } from '../report.ts';

const IN_FLIGHT = 512;
const MOST_REQUESTS = 260_000;
/** The open loop runs at this share of what the service took when saturated. */
const OPEN_LOOP_SHARE = 0.4;
const TARGET_SHARE = 0.5;
const TARGET_PER_SECOND = 5_000;
const TARGET_DISK_MS = 5;

type Runs = { floor: Summary[]; service: Summary[] };
type Measure = (kind: ServerKind) => Promise<Summary>;

/** Floor and service in turns, so that a neighbour's load on the machine meets both. */
const inTurns = async (rounds: number, measure: Measure): Promise<Runs> => {
  const runs: Runs = { floor: [], service: [] };
  for (let round = 0; round < rounds; round += 1) {
    runs.floor.push(await measure('floor'));
    runs.service.push(await measure('service'));
  }
  return runs;
};

const ratios = (runs: Runs, figure: (summary: Summary) => number): number[] =>
  runs.service.map((own, round) => {
    const floor = runs.floor[round];
    return floor ? figure(own) / figure(floor) : Number.NaN;
  });

const saturationRows = (disk: Disk, runs: Runs): Row[] => {
  const floor = spreadOf(runs.floor.map((run) => run.perSecond));
  const service = spreadOf(runs.service.map((run) => run.perSecond));
  const share = spreadOf(ratios(runs, (run) => run.perSecond));
  const row: Row = {
    name: `route, accepted/s, ${diskText(disk)}`,
    floor: count(floor.median),
    service: count(service.median),
    ratio: ratioText(share),
    target: { text: `>= ${TARGET_SHARE} of the floor`, met: share.median >= TARGET_SHARE },
    figures: { floor, service, share, runs },
  };
  if (disk.addedMs !== TARGET_DISK_MS) return [row];
  const isFast = service.median >= TARGET_PER_SECOND;
  return [
    row,
    {
      name: `route, accepted/s at least, ${diskText(disk)}`,
      floor: '',
      service: count(service.median),
      ratio: `${(service.median / TARGET_PER_SECOND).toFixed(2)} of the target`,
      target: { text: `>= ${count(TARGET_PER_SECOND)}/s`, met: isFast },
      figures: { service },
    },
  ];
};

const openLoopRow = (disk: Disk, perSecond: number, runs: Runs): Row => {
  const text = (kind: ServerKind): string =>
    `${ms(spreadOf(runs[kind].map((run) => run.p50Ms)).median)} / ${ms(spreadOf(runs[kind].map((run) => run.p99Ms)).median)}`;
  return {
    name: `route, p50 / p99 at ${count(perSecond)}/s, ${diskText(disk)}`,
    floor: text('floor'),
    service: text('service'),
    ratio: ratioText(spreadOf(ratios(runs, (run) => run.p50Ms))),
    target: null,
    figures: { perSecond, runs },
  };
};

const measureOn =
  (context: Context, disk: Disk, upstreams: Upstreams) =>
  (load: Load): Measure =>
  async (kind) => {
    const folder = newFolder(context.folder, kind);
    const env = kind === 'service' ? upstreams.env : {};
    const server = await startServer({ kind, folder, disk, env });
    try {
      const summary = await runLoad(server, folder, load);
      context.progress(`${kind} ${load.mode.kind} ${diskText(disk)}: ${count(summary.perSecond)}/s`);
      return summary;
    } finally {
      await server.kill();
    }
  };

/** Durable acceptance of webhooks by the route, against the floor; the upstreams are silent. */
export const measureRoute = async (context: Context): Promise<Row[]> => {
  const upstreams = await startSilentUpstreams();
  const rounds = context.quick ? 1 : 3;
  const times = context.quick
    ? { warmupMs: 1_500, durationMs: 1_500 }
    : { warmupMs: 2_000, durationMs: 3_000 };
  const rows: Row[] = [];
  try {
    for (const disk of context.disks) {
      const measure = measureOn(context, disk, upstreams);
      const runs = await inTurns(
        rounds,
        measure({ mode: { kind: 'saturate', inFlight: IN_FLIGHT }, count: MOST_REQUESTS, ...times }),
      );
      rows.push(...saturationRows(disk, runs));
      const saturated = spreadOf(runs.service.map((run) => run.perSecond)).median;
      const perSecond = Math.round((saturated * OPEN_LOOP_SHARE) / 100) * 100;
      const requests = Math.ceil((perSecond * (times.warmupMs + times.durationMs)) / 1_000);
      const steady = await inTurns(
        1,
        measure({ mode: { kind: 'rate', perSecond }, count: requests, ...times }),
      );
      rows.push(openLoopRow(disk, perSecond, steady));
    }
  } finally {
    await upstreams.close();
  }
  return rows;
};
