import type { Facts } from './facts.ts';
import { checkEnd } from './final.ts';
import { SKUS } from './generate.ts';
import {
  amazonOptions,
  clearSky,
  createFate,
  createWeather,
  type HappenContext,
  happen,
  reauthorise,
} from './happen.ts';
import { Broken, createWatch, type Violation, type Watch } from './invariants.ts';
import type { Plan } from './plan.ts';
import { type Counters, createSimulation, type Simulation, START_MS } from './simulation.ts';

const HOUR_MS = 3_600_000;
/** Buyers wait less long for an answer here, so that worlds are short. */
const CANCEL_ANSWER_SECONDS = 3 * 3600;

export type RunResult = {
  violation: Violation | null;
  hash: string;
  trace: readonly string[];
  counters: Counters;
  virtualMs: number;
};

export type RunOptions = {
  keepTrace?: boolean;
  /** Stands in the way of the service, to see that the watching sees it. */
  sabotage?: (sim: Simulation) => void;
};

const openWorld = async (plan: Plan, options: RunOptions) => {
  const sky = clearSky();
  let watch: Watch | null = null;
  let sim: Simulation | null = null;
  const nowMs = (): number => sim?.time.nowMs() ?? START_MS;
  sim = await createSimulation({
    seed: plan.seed,
    env: {
      RECONCILE_INTERVAL_SECONDS: String(plan.settings.passEveryMs / 1000),
      ...plan.settings.env,
    },
    amazon: amazonOptions(plan),
    tiktok: { settings: { cancelAnswerSeconds: CANCEL_ANSWER_SECONDS } },
    weather: createWeather(plan, sky, nowMs),
    fate: createFate(plan, sky, nowMs),
    keepTrace: options.keepTrace ?? false,
    logLevel: plan.seed % 10 === 0 ? 'debug' : 'info',
    onExchange: (exchange) => watch?.onExchange(exchange),
    onQuiet: (changed) => watch?.onQuiet(changed),
    onAcknowledged: (body) => watch?.onAcknowledged(body),
  });
  const identity = plan.settings.env['SKU_MAP_DEFAULT'] !== 'none';
  const facts: Facts = { orders: new Map(), byId: new Map(), skuMap: new Map(), identity, mapChanges: 0 };
  watch = createWatch(sim, facts, plan.settings.env);
  sim.tiktok.addProduct({ skus: SKUS.map((sellerSku) => ({ sellerSku, stock: 40 })) });
  options.sabotage?.(sim);
  return { sim, facts, sky, watch };
};

/** Lets time pass, in pieces, and stops at the first thing that is broken. */
const runUnlessBroken = async (sim: Simulation, watch: Watch, forMs: number): Promise<void> => {
  const pieces = 20;
  for (let piece = 0; piece < pieces; piece += 1) {
    await sim.run(forMs / pieces);
    const broken = watch.broken();
    if (broken) throw broken;
  }
};

/** All faults stop; what was taken from the service is given back. */
const calm = async (context: HappenContext, isRevoked: boolean): Promise<void> => {
  const { sim, sky } = context;
  Object.assign(sky, clearSky());
  sim.amazon.faults.clear();
  sim.tiktok.faults.clear();
  sim.amazon.restore();
  sim.disarmCrash();
  if (isRevoked || (await sim.hasLostTokens())) await reauthorise(context);
};

/** What is on its way arrives, and who has not paid never will. */
const finishAtTikTok = (sim: Simulation): void => {
  for (const order of sim.tiktok.orders()) {
    if (order.status === 'UNPAID') sim.tiktok.advance(order.id, 'CANCELLED');
    if (!['AWAITING_COLLECTION', 'IN_TRANSIT', 'DELIVERED'].includes(order.status)) continue;
    for (const to of ['IN_TRANSIT', 'DELIVERED', 'COMPLETED'] as const) sim.tiktok.advance(order.id, to);
  }
};

/** A fulfillment that stays stuck is made anew three times, each once its ship date is past and it is looked at. */
const remakingMs = ({ settings, events }: Plan): number => {
  const isStuck = events.some((event) => event.do === 'order' && event.amazon?.stuck === true);
  return isStuck && settings.env['MCF_RESUBMIT_STUCK'] === 'true' ? 16 * HOUR_MS : 0;
};

const live = async (plan: Plan, context: HappenContext, watch: Watch): Promise<void> => {
  const { sim } = context;
  sim.time.hold(sim.boot());
  for (const event of plan.events) sim.at(event.atMs, () => happen(context, event));
  await runUnlessBroken(sim, watch, plan.lastsMs);
  const token = plan.events
    .filter((event) => event.do === 'tokens' && event.what.startsWith('tiktok-re'))
    .at(-1);
  const revoked = token?.do === 'tokens' && token.what === 'tiktok-revoke';
  sim.trace.note('* faults stop');
  context.track(calm(context, revoked));
  await runUnlessBroken(sim, watch, 8 * HOUR_MS + plan.settings.passEveryMs + remakingMs(plan));
  sim.trace.note('* what is on its way arrives');
  finishAtTikTok(sim);
  await runUnlessBroken(sim, watch, HOUR_MS + plan.settings.passEveryMs);
};

/** Runs a plan to its end or to the first thing that is broken. The same plan runs the same way every time. */
export const runPlan = async (plan: Plan, options: RunOptions = {}): Promise<RunResult> => {
  const { sim, facts, sky, watch } = await openWorld(plan, options);
  const context: HappenContext = {
    plan,
    sim,
    facts,
    sky,
    track: (work) => void work.catch(() => undefined),
  };
  let violation: Violation | null = null;
  try {
    await live(plan, context, watch);
    checkEnd(plan, sim, facts);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    violation = error.violation;
    sim.trace.note(`BROKEN ${error.message}`);
  }
  const result = {
    violation,
    hash: sim.trace.hash(),
    trace: sim.trace.lines(),
    counters: sim.counters,
    virtualMs: sim.time.nowMs() - START_MS,
  };
  sim.close();
  return result;
};
