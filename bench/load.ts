/**
 * The load generator, a process of its own: `node bench/load.ts PLAN.json` prints a summary. It sleeps between its
 * ticks and waits for answers in the kernel, so that it does not take the server's core.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lane, openLane } from './lib/lane.ts';
import { ACKNOWLEDGED, CUT_OFF, type Mode, Plan, REFUSED, SENDING, SENT, type Summary } from './lib/plan.ts';
import { buildRequests } from './lib/requests.ts';
import { percentile } from './lib/stats.ts';

const TICK_MS = 1;
/** How long answers are waited for after the last request. */
const SETTLE_MS = 10_000;

const createRun = (plan: Plan) => {
  const requests = buildRequests(plan);
  const states = new Uint8Array(plan.count);
  const countsFromMs = new Float64Array(plan.count);
  const answeredMs = new Float64Array(plan.count);
  const counts = { sent: 0, acknowledged: 0, refused: 0, cutOff: 0 };
  let onAnswer: (lane: Lane) => void = () => undefined;

  const open = (): Lane => {
    const lane: Lane = openLane(plan.port, {
      answered(index, status) {
        const isAcknowledged = status === 200;
        states[index] = isAcknowledged ? ACKNOWLEDGED : REFUSED;
        counts[isAcknowledged ? 'acknowledged' : 'refused'] += 1;
        answeredMs[index] = performance.now();
        onAnswer(lane);
      },
      cut(indices) {
        for (const index of indices) states[index] = CUT_OFF;
        counts.cutOff += indices.length;
      },
    });
    return lane;
  };

  return {
    states,
    counts,
    countsFromMs,
    answeredMs,
    open,
    whenAnswered(listener: (lane: Lane) => void) {
      onAnswer = listener;
    },
    /** Sends the next request; false when there is none left. */
    send(lane: Lane, fromMs: number): boolean {
      const index = counts.sent;
      const request = requests[index];
      if (!request) return false;
      counts.sent += 1;
      states[index] = SENT;
      countsFromMs[index] = fromMs;
      lane.send(index, request);
      return true;
    },
    isSettled: () => counts.sent === counts.acknowledged + counts.refused + counts.cutOff,
  };
};

type Run = ReturnType<typeof createRun>;

const openAll = async (run: Run, count: number): Promise<Lane[]> => {
  const lanes = Array.from({ length: count }, () => run.open());
  await Promise.all(lanes.map((lane) => lane.connected));
  return lanes;
};

const saturate = async (run: Run, lanes: readonly Lane[], inFlight: number, endMs: number): Promise<void> => {
  const state = { exhausted: false };
  run.whenAnswered((lane) => {
    const nowMs = performance.now();
    if (nowMs < endMs && !run.send(lane, nowMs)) state.exhausted = true;
  });
  for (let count = 0; count < inFlight; count += 1) {
    const lane = lanes[count % lanes.length];
    if (lane) run.send(lane, performance.now());
  }
  while (!state.exhausted && performance.now() < endMs) await sleep(10);
};

type RateMode = Extract<Mode, { kind: 'rate' }>;

/** When the n-th request is due, counted from the start. */
const dueAfterMs = ({ perSecond, warmupPerSecond = perSecond }: RateMode, warmupMs: number) => {
  const warmups = Math.floor((warmupMs * warmupPerSecond) / 1000);
  return (n: number): number =>
    n < warmups ? (n * 1000) / warmupPerSecond : warmupMs + ((n - warmups) * 1000) / perSecond;
};

const keepRate = async (
  run: Run,
  lanes: readonly Lane[],
  afterMs: (n: number) => number,
  { startMs, endMs }: { startMs: number; endMs: number },
): Promise<void> => {
  let next = 0;
  const dueMs = (): number => startMs + afterMs(next);
  while (dueMs() < endMs) {
    const nowMs = Math.min(performance.now(), endMs);
    for (; dueMs() <= nowMs; next += 1) {
      const lane = lanes[next % lanes.length];
      if (!lane || !run.send(lane, dueMs())) return;
    }
    await sleep(TICK_MS);
  }
};

const burst = (run: Run, count: number): Lane[] => {
  const startMs = performance.now();
  return Array.from({ length: count }, () => {
    const lane = run.open();
    run.send(lane, startMs);
    return lane;
  });
};

const summarise = (run: Run, fromMs: number, untilMs: number): Summary => {
  const latencies: number[] = [];
  let acknowledgedInTime = 0;
  for (const [index, state] of run.states.entries()) {
    if (state !== ACKNOWLEDGED) continue;
    const answeredMs = run.answeredMs[index] ?? Number.NaN;
    const sentMs = run.countsFromMs[index] ?? Number.NaN;
    if (answeredMs >= fromMs && answeredMs < untilMs) acknowledgedInTime += 1;
    if (sentMs >= fromMs) latencies.push(answeredMs - sentMs);
  }
  return {
    ...run.counts,
    perSecond: (acknowledgedInTime * 1000) / (untilMs - fromMs),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    maxMs: percentile(latencies, 1),
  };
};

const settle = async (run: Run, lanes: readonly Lane[]): Promise<void> => {
  const giveUpMs = performance.now() + SETTLE_MS;
  while (!run.isSettled() && performance.now() < giveUpMs) await sleep(10);
  for (const lane of lanes) lane.close();
  // Closing reports what was still on its way as cut off.
  await sleep(50);
};

const execute = async (plan: Plan): Promise<Summary> => {
  const run = createRun(plan);
  const { mode } = plan;
  let lanes = mode.kind === 'burst' ? [] : await openAll(run, plan.connections);
  process.stdout.write(SENDING);
  const startMs = performance.now();
  const endMs = startMs + plan.warmupMs + plan.durationMs;
  if (mode.kind === 'saturate') await saturate(run, lanes, mode.inFlight, endMs);
  else if (mode.kind === 'rate')
    await keepRate(run, lanes, dueAfterMs(mode, plan.warmupMs), { startMs, endMs });
  else lanes = burst(run, plan.count);
  const lastSentMs = performance.now();
  await settle(run, lanes);
  writeFileSync(plan.statesFile, run.states);
  const untilMs = mode.kind === 'burst' ? performance.now() : Math.min(endMs, lastSentMs);
  return summarise(run, startMs + plan.warmupMs, untilMs);
};

const plan = Plan.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
process.stdout.write(JSON.stringify(await execute(plan)));
