import type { Context, Row } from '../lib/context.ts';
import type { Disk } from '../lib/disk.ts';
import type { ServerKind } from '../lib/servers.ts';
import {
  inTurns,
  loadOnce,
  type Runs,
  ratiosTo,
  SATURATED,
  saturatedRounds,
  saturation,
  spreadOfRuns,
} from '../lib/turns.ts';
import { startSilentUpstreams, type Upstreams } from '../lib/upstreams.ts';
import { count, disk as diskText, ms, ratio as ratioText } from '../report.ts';

/** The open loop runs at this share of what the service took when saturated. */
const OPEN_LOOP_SHARE = 0.4;
const TARGET_SHARE = 0.8;
const TARGET_PER_SECOND = 5_000;
const TARGET_DISK_MS = 5;
const KINDS = ['floor', 'service'] as const;

const saturationRows = (disk: Disk, runs: Runs): Row[] => {
  const floor = spreadOfRuns(runs, 'floor', (run) => run.perSecond);
  const service = spreadOfRuns(runs, 'service', (run) => run.perSecond);
  const share = ratiosTo(runs, 'floor', (run) => run.perSecond);
  const row: Row = {
    name: `route, accepted/s, ${diskText(disk)}`,
    floor: count(floor.median),
    service: count(service.median),
    ratio: ratioText(share),
    target: { text: `>= ${TARGET_SHARE} of the floor`, met: share.median >= TARGET_SHARE },
    figures: { floor, service, share },
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
    `${ms(spreadOfRuns(runs, kind, (run) => run.p50Ms).median)} / ${ms(spreadOfRuns(runs, kind, (run) => run.p99Ms).median)}`;
  return {
    name: `route, p50 / p99 at ${count(perSecond)}/s, ${diskText(disk)}`,
    floor: text('floor'),
    service: text('service'),
    ratio: ratioText(ratiosTo(runs, 'floor', (run) => run.p50Ms)),
    target: null,
    figures: { perSecond, runs: Object.fromEntries(runs) },
  };
};

const measureOn = async (context: Context, disk: Disk, { env }: Upstreams): Promise<Row[]> => {
  const full = saturation(context);
  const targetOf = (kind: ServerKind) => ({ kind, disk, env: kind === 'service' ? env : {} });
  const saturated = await inTurns(KINDS, saturatedRounds(context), (kind) =>
    loadOnce(context, targetOf(kind), { ...full, mode: SATURATED }),
  );
  const most = spreadOfRuns(saturated, 'service', (run) => run.perSecond).median;
  const perSecond = Math.round((most * OPEN_LOOP_SHARE) / 100) * 100;
  const seconds = ((full.warmupMs ?? 0) + (full.durationMs ?? 0)) / 1_000;
  const steady = await inTurns(KINDS, 1, (kind) =>
    loadOnce(context, targetOf(kind), {
      ...full,
      mode: { kind: 'rate', perSecond },
      count: Math.ceil(perSecond * seconds),
    }),
  );
  return [...saturationRows(disk, saturated), openLoopRow(disk, perSecond, steady)];
};

/** Durable acceptance of webhooks by the route, against the floor; the upstreams are silent. */
export const measureRoute = async (context: Context): Promise<Row[]> => {
  const upstreams = await startSilentUpstreams();
  try {
    const rows: Row[] = [];
    for (const disk of context.disks) rows.push(...(await measureOn(context, disk, upstreams)));
    return rows;
  } finally {
    await upstreams.close();
  }
};
