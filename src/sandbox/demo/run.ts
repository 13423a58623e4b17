import { ADMIN_TOKEN } from './cast.ts';
import { playDay } from './day.ts';
import { LIVES } from './lives.ts';
import { mcfOrdersOf, type Placed, type Scene, sleepUntil, until } from './scene.ts';
import { createStory } from './story.ts';
import { renderTable } from './table.ts';
import { usageText } from './usage.ts';
import { faultsOf, reportsOf, stockLines, violationsOf } from './verdict.ts';
import { watch } from './watch.ts';
import { type DemoWorld, HOUR_MS, MINUTE_MS, openShop, SPEED } from './world.ts';

export type DemoOptions = { once: boolean; keep: boolean };

/** By the shop's clock: what has not ended by then has not ended as it should. */
const CLOSING_MS = 8 * HOUR_MS;
/** A second create or report would come within this time. */
const QUIET_MS = 20 * MINUTE_MS;

const say = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

const introduce = ({ folder, service, tiktok, amazon }: DemoWorld): void => {
  say("A shop's day: TikTok Shop sells, Amazon ships, the connector keeps the two honest.");
  say('TikTok and Amazon are simulators; the connector is the real service with its default settings.');
  say(`All three talk HTTP on 127.0.0.1. The shop's clock runs ${SPEED} times as fast as yours, from 08:00.`);
  say();
  say(`connector ${service.url}   TikTok ${tiktok.url}   Amazon ${amazon.url}`);
  say(`console   ${service.url}/console   sign in as admin with ${ADMIN_TOKEN}`);
  say(`data      ${folder}`);
  say();
  for (const [index, { shows }] of LIVES.entries()) say(`  #${index + 1}  ${shows}`);
  say();
};

const orderFaults = (scene: Scene): string[] =>
  scene.placed.flatMap((order) =>
    faultsOf(scene, order).map((fault) => `#${order.number} (${order.life.shows}): ${fault}`),
  );

const createCalls = ({ world }: Scene): { made: number; wanted: number } => ({
  made: world.amazon.countCalls('create'),
  wanted: LIVES.reduce((sum, { ends }) => sum + ends.mcf.length, 0),
});

/** Everything that is not as it should be, in words. */
const allFaults = async (scene: Scene): Promise<string[]> => {
  const stock = stockLines(scene, await scene.world.api.inventory())
    .filter(({ asExpected }) => !asExpected)
    .map(({ sku, after }) => `stock of ${sku}: TikTok shows ${after}`);
  const missing = LIVES.slice(scene.placed.length).map(({ shows }) => `${shows}: never placed`);
  const calls = createCalls(scene);
  const repeated = calls.made === calls.wanted ? [] : [`Amazon got ${calls.made} create calls`];
  return [...missing, ...orderFaults(scene), ...repeated, ...stock, ...violationsOf(scene)];
};

const waitForTheEnd = async (scene: Scene): Promise<void> => {
  const { openedMs, clock } = scene.world;
  const deadlineMs = openedMs + CLOSING_MS;
  await playDay(scene, deadlineMs);
  await until(scene, () => orderFaults(scene).length === 0, deadlineMs);
  await sleepUntil(scene, clock.nowMs() + QUIET_MS);
  while (clock.nowMs() < deadlineMs && (await allFaults(scene)).length > 0) {
    await sleepUntil(scene, clock.nowMs() + MINUTE_MS);
  }
};

const mcfTexts = (scene: Scene, { orderId }: Placed): string[] => {
  const texts = mcfOrdersOf(scene, orderId).map(({ fulfillmentId, state }) => `${fulfillmentId} ${state}`);
  return texts.length > 0 ? texts : ['none'];
};

const numberTexts = (scene: Scene, order: Placed): string[] =>
  reportsOf(scene, order).map(({ now, first }) => (now === first ? now : `${now}, was ${first}`));

const tellOrders = (scene: Scene): void => {
  const rows = scene.placed.map((order) => {
    const detail = scene.details.get(order.orderId);
    return [
      `#${order.number}`,
      order.life.shows,
      detail?.stage ?? 'unknown',
      detail?.reason ?? '',
      mcfTexts(scene, order),
      numberTexts(scene, order),
      faultsOf(scene, order).length === 0 ? 'yes' : 'NO',
    ];
  });
  say();
  say(renderTable(['', 'shows', 'stage', 'reason', 'at Amazon', 'numbers on TikTok', 'as expected'], rows));
};

const tellStock = async (scene: Scene): Promise<void> => {
  const lines = stockLines(scene, await scene.world.api.inventory());
  const rows = lines.map(({ sku, amazon, promised, before, after, asExpected }) => [
    sku,
    amazon,
    promised,
    String(before),
    String(after),
    asExpected ? 'yes' : 'NO',
  ]);
  const header = ['SKU', 'Amazon can ship', 'promised', 'on TikTok before', 'and after', 'as expected'];
  say();
  say(renderTable(header, rows));
  say();
};

/** Plays the day while the watch tells of it; a failing watch ends the day. */
const playAndWatch = async (world: DemoWorld, stop: AbortSignal): Promise<Scene> => {
  const over = new AbortController();
  const blind = new AbortController();
  const signal = AbortSignal.any([stop, blind.signal]);
  const scene: Scene = { world, story: createStory(say), placed: [], details: new Map(), signal };
  const watched = watch(scene, over.signal).catch((error: unknown) => blind.abort(error));
  try {
    await waitForTheEnd(scene);
  } finally {
    over.abort();
    await watched;
  }
  signal.throwIfAborted();
  return scene;
};

const judge = async (scene: Scene): Promise<boolean> => {
  tellOrders(scene);
  await tellStock(scene);
  const faults = await allFaults(scene);
  const { made } = createCalls(scene);
  const there = scene.placed.filter(({ orderId }) => mcfOrdersOf(scene, orderId).length > 0).length;
  const anew = scene.placed.filter(({ orderId }) => mcfOrdersOf(scene, orderId).length > 1).length;
  say(`Amazon got ${made} create calls for ${there} orders; ${anew} of them were made anew.`);
  say(`The simulators noted ${violationsOf(scene).length} things a correct client never does.`);
  say();
  if (faults.length === 0) say('every order ended as it should');
  else say(['Not everything ended as it should:', ...faults.map((fault) => `  - ${fault}`)].join('\n'));
  return faults.length === 0;
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Plays one day; answers the exit code. Unless `once`, the shop then stays open until `stop` is aborted. */
export const runDemo = async (options: DemoOptions, stop: AbortSignal): Promise<number> => {
  const world = await openShop(options);
  try {
    introduce(world);
    const scene = await playAndWatch(world, stop);
    const isWell = await judge(scene);
    if (!options.once) {
      // A session lasts twelve hours of the shop's clock: at the speed of the day hardly more than a minute.
      world.clock.run(1);
      say(usageText(scene));
      await untilAborted(stop);
    }
    return isWell ? 0 : 1;
  } finally {
    await world.close();
    if (options.keep) say(`data and log are kept in ${world.folder}`);
  }
};
