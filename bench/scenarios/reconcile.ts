import type { Context, Row } from '../lib/context.ts';
import { forgetPeak, peakMib } from '../lib/proc.ts';
import { reconcile, seedClosed, seedOpen, settle, startLifted } from '../lib/seed.ts';
import { newFolder, type Server } from '../lib/servers.ts';
import { placeOrders, type Simulators, startSimulators } from '../lib/upstreams.ts';
import { count, mib, ms } from '../report.ts';

/** Of all orders, those that are at Amazon. */
const OPEN_SHARE = 0.1;
const AGO_MS = 6 * 3_600_000;
/** Half are shipments, half are new orders. */
const CHANGES = 100;
const SERIES_AT = 10_000;
const MOST_CALLS = 1.2;
/** Linear is 1; the rest is for a busy machine. */
const MOST_GROWTH = 1.2;
/** What waits for a quota says nothing about the work, so quotas are lifted on both sides; calls are the same. */
const LIFTED = { ratePerSecond: 10_000, burst: 100_000 };
const RATES = { create: LIFTED, get: LIFTED, list: LIFTED, inventory: LIFTED, returnReasons: LIFTED };

type Calls = Map<string, number>;
type Pass = { orders: number; changes: number; calls: Calls; durationMs: number; peakMib: number };

const countCalls = ({ amazon, tiktok }: Simulators): Calls => {
  const calls: Calls = new Map();
  const add = (name: string): void => void calls.set(name, (calls.get(name) ?? 0) + 1);
  for (const { operation } of amazon.calls) add(`Amazon ${operation}`);
  for (const { operation } of tiktok.calls) add(`TikTok ${operation}`);
  return calls;
};

const since = (before: Calls, after: Calls): Calls =>
  new Map(
    [...after]
      .map(([name, calls]) => [name, calls - (before.get(name) ?? 0)] as const)
      .filter(([, n]) => n > 0),
  );

const total = (calls: Calls): number => [...calls.values()].reduce((sum, n) => sum + n, 0);

type Shop = { simulators: Simulators; server: Server; orders: number; unshipped: string[] };

/** Parcels leave and orders come, and no webhook says so; one pass finds them all. */
const measurePass = async (
  { simulators, server, orders, unshipped }: Shop,
  changes: number,
): Promise<Pass> => {
  const { amazon, tiktok } = simulators;
  // What the lists still show of earlier changes is looked at before.
  await settle(server);
  const shipped = unshipped.splice(0, changes / 2);
  for (const orderId of shipped)
    amazon.addParcel(`TTS-${orderId}`, { items: [{ sku: 'MUG', quantity: 1 }], status: 'SHIPPED' });
  placeOrders(tiktok, changes - shipped.length);
  const before = countCalls(simulators);
  const done = { reports: tiktok.reports.length, creates: amazon.creates.length };
  forgetPeak(server.pid);
  const { durationMs, errors } = await reconcile(server);
  const reported = tiktok.reports.length - done.reports;
  const created = amazon.creates.length - done.creates;
  if (reported !== shipped.length || created !== changes - shipped.length || errors.length > 0)
    throw new Error(
      `void: a pass over ${changes} changes reported ${reported}, created ${created}, ${errors[0]?.code ?? 'no error'}`,
    );
  const calls = since(before, countCalls(simulators));
  return { orders, changes, calls, durationMs, peakMib: peakMib(server.pid) };
};

const passesAt = async (context: Context, orders: number, series: readonly number[]): Promise<Pass[]> => {
  const clock = { shiftMs: -AGO_MS };
  const simulators = await startSimulators({ shiftMs: () => clock.shiftMs, rates: RATES });
  simulators.tiktok.settings.rateLimitPerSecond = LIFTED.ratePerSecond;
  const place = { folder: newFolder(context.folder, 'reconcile'), simulators };
  try {
    const unshipped = await seedOpen(place, orders * OPEN_SHARE, AGO_MS);
    clock.shiftMs = 0;
    context.progress(`${count(unshipped.length)} orders are at Amazon`);
    await seedClosed(place, orders * (1 - OPEN_SHARE));
    const server = await startLifted(place, 0);
    try {
      // An order of now moves the list's window away from the seeded ones.
      placeOrders(simulators.tiktok, 1);
      // The first one is compiled on the way.
      await measurePass({ simulators, server, orders, unshipped }, CHANGES);
      context.progress(`${count(orders)} orders are seeded`);
      const passes: Pass[] = [];
      for (const changes of series) {
        passes.push(await measurePass({ simulators, server, orders, unshipped }, changes));
        const { durationMs, calls } = passes.at(-1) ?? { durationMs: Number.NaN, calls: new Map() };
        context.progress(
          `${count(orders)} orders, ${changes} changes: ${ms(durationMs)}, ${total(calls)} calls`,
        );
      }
      return passes;
    } finally {
      await server.kill();
    }
  } finally {
    await simulators.close();
  }
};

const linesOf = (passes: readonly Pass[]) => {
  const operations = [...new Set(passes.flatMap(({ calls }) => [...calls.keys()]))].sort();
  return [
    { name: 'duration', unit: 'ms', values: passes.map(({ durationMs }) => Math.round(durationMs)) },
    { name: 'calls', unit: '', values: passes.map(({ calls }) => total(calls)) },
    ...operations.map((name) => ({
      name,
      unit: '',
      values: passes.map(({ calls }) => calls.get(name) ?? 0),
    })),
    { name: 'peak memory', unit: 'MiB', values: passes.map((pass) => Math.round(pass.peakMib)) },
  ];
};

const figuresOf = (passes: readonly Pass[]): Record<string, unknown> => ({
  passes: passes.map((pass) => ({ ...pass, calls: Object.fromEntries(pass.calls) })),
});

const sizeRow = (passes: readonly Pass[]): Row | null => {
  const [least, most] = [passes[0], passes.at(-1)];
  if (!least || !most) return null;
  const calls = total(most.calls) / total(least.calls);
  return {
    name: `reconcile, ${CHANGES} changes among ${count(most.orders)} orders (10 % open) against ${count(least.orders)}`,
    floor: `${total(least.calls)} calls, ${ms(least.durationMs)}, peak ${mib(least.peakMib)}`,
    service: `${total(most.calls)} calls, ${ms(most.durationMs)}, peak ${mib(most.peakMib)}`,
    ratio: `calls ${calls.toFixed(2)}, time ${(most.durationMs / least.durationMs).toFixed(2)}`,
    target: { text: `calls <= ${MOST_CALLS} x`, met: calls <= MOST_CALLS },
    figures: figuresOf(passes),
    charts: [
      {
        title: `One pass of reconcile with ${CHANGES} changes, by orders in the store`,
        x: { name: 'orders', values: passes.map(({ orders }) => orders) },
        lines: linesOf(passes),
      },
    ],
  };
};

/** The most that a change costs more in one pass than in the one before it, which has fewer changes. */
const growth = (passes: readonly Pass[], figure: (pass: Pass) => number): number =>
  Math.max(
    ...passes.slice(1).map((pass, at) => {
      const before = passes[at];
      return before ? figure(pass) / pass.changes / (figure(before) / before.changes) : Number.NaN;
    }),
  );

const seriesRow = (passes: readonly Pass[]): Row => {
  const [least, most] = [passes[0], passes.at(-1)];
  const time = growth(passes, ({ durationMs }) => durationMs);
  const calls = growth(passes, (pass) => total(pass.calls));
  const text = (pass: Pass | undefined): string =>
    pass ? `${total(pass.calls)} calls, ${ms(pass.durationMs)}` : '';
  return {
    name: `reconcile, ${count(most?.changes ?? 0)} changes against ${least?.changes ?? 0}, ${count(SERIES_AT)} orders`,
    floor: text(least),
    service: text(most),
    ratio: `a change costs: calls ${calls.toFixed(2)}, time ${time.toFixed(2)}`,
    target: {
      text: `no worse than linear: a change costs <= ${MOST_GROWTH} x`,
      met: time <= MOST_GROWTH && calls <= MOST_GROWTH,
    },
    figures: figuresOf(passes),
    charts: [
      {
        title: `One pass of reconcile among ${count(SERIES_AT)} orders, by changes`,
        x: { name: 'changes', values: passes.map(({ changes }) => changes) },
        lines: linesOf(passes),
      },
    ],
  };
};

/** What one pass costs, by how much the store holds and by how much changed. */
export const measureReconcile = async (context: Context): Promise<Row[]> => {
  const sizes = context.quick ? [1_000, SERIES_AT] : [1_000, SERIES_AT, 100_000];
  const changes = context.quick ? [10, CHANGES] : [10, CHANGES, 1_000];
  const passes: Pass[] = [];
  for (const orders of sizes)
    passes.push(...(await passesAt(context, orders, orders === SERIES_AT ? changes : [CHANGES])));
  const bySize = sizeRow(passes.filter((pass) => pass.changes === CHANGES));
  const series = seriesRow(passes.filter((pass) => pass.orders === SERIES_AT));
  return bySize ? [bySize, series] : [series];
};
