import type { Context, Row } from '../lib/context.ts';
import type { Disk } from '../lib/disk.ts';
import type { Summary } from '../lib/plan.ts';
import { peakMib } from '../lib/proc.ts';
import { loadOnce } from '../lib/turns.ts';
import { placeOrders, startSimulators } from '../lib/upstreams.ts';
import { count, disk as diskText, mib, ms } from '../report.ts';

type Rate = {
  name: string;
  perSecond: number;
  durationMs: number;
  /** Before the clock of the figures starts; the backlog begins here. */
  warmupMs: number;
  warmupPerSecond: number;
};
type Run = Summary & {
  peakMib: number;
  /** Orders that Amazon took while the load ran. */
  created: number;
};
type Limits = { p99Ms: number; maxMs: number; peakMib: number };

const SUSTAINED: Rate = {
  name: 'burst-sustained',
  perSecond: 5_000,
  durationMs: 3_000,
  warmupMs: 3_000,
  warmupPerSecond: 500,
};
const DRAINING = { name: 'rate-while-draining', perSecond: 500, warmupMs: 3_000, warmupPerSecond: 500 };

const NO_LIMITS: Limits = { p99Ms: Infinity, maxMs: Infinity, peakMib: Infinity };

const requestsOf = ({ perSecond, durationMs, warmupMs, warmupPerSecond }: Rate): number =>
  (perSecond * durationMs + warmupPerSecond * warmupMs) / 1_000;

/** Every order exists and is shippable, so that the service drains them at Amazon's create quota meanwhile. */
const runService = async (context: Context, disk: Disk, rate: Rate): Promise<Run> => {
  const simulators = await startSimulators();
  try {
    const requests = requestsOf(rate);
    const orderIds = placeOrders(simulators.tiktok, requests);
    const seen = { peakMib: 0, created: 0 };
    const summary = await loadOnce(
      context,
      { kind: 'service', disk, env: simulators.env },
      {
        ...loadOf(rate),
        orderIds,
        shopId: simulators.tiktok.shop.id,
        beforeEnd({ pid }) {
          seen.peakMib = peakMib(pid);
          seen.created = simulators.amazon.creates.length;
        },
      },
    );
    return { ...summary, ...seen };
  } finally {
    await simulators.close();
  }
};

const loadOf = (rate: Rate) => ({
  mode: { kind: 'rate', perSecond: rate.perSecond, warmupPerSecond: rate.warmupPerSecond } as const,
  count: requestsOf(rate),
  warmupMs: rate.warmupMs,
  durationMs: rate.durationMs,
});

const worst = (runs: readonly Summary[], figure: (run: Summary) => number): number =>
  Math.max(...runs.map(figure));

const limitsText = ({ p99Ms, maxMs, peakMib: most }: Limits): string =>
  [
    'all acknowledged',
    ...(Number.isFinite(p99Ms) ? [`p99 <= ${p99Ms} ms`] : []),
    ...(Number.isFinite(maxMs) ? [`max <= ${maxMs} ms`] : []),
    ...(Number.isFinite(most) ? [`peak <= ${most} MiB`] : []),
  ].join(', ');

const rowOf = (
  rate: Rate,
  disk: Disk,
  floors: readonly Summary[],
  own: readonly Run[],
  limits: Limits,
): Row => {
  const latencies = (runs: readonly Summary[]): string =>
    `${ms(worst(runs, (run) => run.p99Ms))} / ${ms(worst(runs, (run) => run.maxMs))}`;
  const most = Math.max(...own.map((run) => run.peakMib));
  const isAllTaken = own.every((run) => run.sent === requestsOf(rate) && run.acknowledged === run.sent);
  const created = Math.min(...own.map((run) => run.created));
  return {
    name: `${rate.name}: ${count(rate.perSecond)}/s for ${rate.durationMs / 1_000} s, worst p99 / max, ${diskText(disk)}`,
    floor: latencies(floors),
    service: `${latencies(own)}, peak ${mib(most)}, ${count(created)} created meanwhile`,
    ratio: '',
    target: {
      text: limitsText(limits),
      met:
        isAllTaken &&
        created > 0 &&
        worst(own, (run) => run.p99Ms) <= limits.p99Ms &&
        worst(own, (run) => run.maxMs) <= limits.maxMs &&
        most <= limits.peakMib,
    },
    figures: { floors, own },
  };
};

const measureRate = async (context: Context, rate: Rate, limits: Limits, rounds: number): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const disk of context.disks) {
    const floors: Summary[] = [];
    const own: Run[] = [];
    for (let round = 0; round < rounds; round += 1) {
      floors.push(await loadOnce(context, { kind: 'floor', disk, env: {} }, loadOf(rate)));
      own.push(await runService(context, disk, rate));
    }
    rows.push(rowOf(rate, disk, floors, own, limits));
  }
  return rows;
};

/** A flash sale's seconds: open loop, while orders leave for Amazon at its quota. */
export const measureSustained = (context: Context): Promise<Row[]> =>
  measureRate(context, SUSTAINED, { ...NO_LIMITS, p99Ms: 100, peakMib: 200 }, context.quick ? 1 : 2);

/** A busy day's rate with a backlog that drains meanwhile. */
export const measureDraining = (context: Context): Promise<Row[]> =>
  measureRate(
    context,
    { ...DRAINING, durationMs: context.quick ? 5_000 : 20_000 },
    { ...NO_LIMITS, p99Ms: 50, maxMs: 500 },
    1,
  );
