import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { systemClock } from '../../src/lib/clock.ts';
import { type AmazonSandbox, startAmazonSandbox } from '../../src/sandbox/amazon/index.ts';
import { startTikTokSandbox, type TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import { createRandom, type Random } from '../simulation/random.ts';
import { createBuyers, SKUS } from './buyers.ts';
import { type Courier, createCourier, notificationId } from './courier.ts';
import { liveRows, rowsLeftBehind } from './database.ts';
import { bookFaults, mailFaults, type OrderRow } from './ledger.ts';
import { type FragileFolder, fragileFolder } from './power.ts';
import { ADMIN_TOKEN, freePort, type ServiceProcess, serviceEnv, startProcess } from './service-process.ts';
import { armFault } from './upstream-faults.ts';

/** How one life of the service ends. */
export type End = 'kill' | 'power-cut' | 'terminate';

export type CampaignOptions = {
  seed: string;
  ends: readonly End[];
  /** Of the shim; needed for power cuts. */
  unsyncedLibrary?: string;
  say?(line: string): void;
};

/** What a campaign did, and what it found; no faults when everything holds. */
export type CampaignReport = {
  faults: string[];
  orders: number;
  creates: number;
  reports: number;
  webhooks: { sent: number; acknowledged: number; refused: number; cut: number; stored: number };
  /** The longest a SIGTERM took. */
  longestStopMs: number;
};

const TIKTOK = { appKey: 'key1', appSecret: 'shop-secret-1' };
const AMAZON = { clientId: 'client', clientSecret: 'client-secret', refreshToken: 'Atzr|x' };
const FAST_RATE = { ratePerSecond: 50, burst: 500 };
const DELAYS = {
  receivedMs: 50,
  planningMs: 150,
  aftnMs: 200,
  processingMs: 700,
  packedMs: 900,
  shippedMs: 1_200,
};

/** Also the first starts on an empty folder are cut short. */
const EARLY_STARTS = 2;
const START_MS = 450;
const LIFE_MS = 1_500;
const STOPPED_WITHIN_MS = 10_000;
/** An unclear create is settled after 20 seconds, and a hanging call given up after 10. */
const STUCK_AFTER_MS = 60_000;

type Field = {
  options: CampaignOptions;
  random: Random;
  amazon: AmazonSandbox;
  tiktok: TikTokSandbox;
  courier: Courier;
  port: number;
  folder: string;
  database: string;
  env: Record<string, string>;
  disk: FragileFolder | null;
  faults: string[];
  longestStopMs: number;
};

const openField = async (options: CampaignOptions, folder: string): Promise<Field> => {
  const random = createRandom(options.seed);
  const port = await freePort();
  const webhookUrl = `http://127.0.0.1:${port}/webhooks/tiktok`;
  const courier = createCourier(webhookUrl, createRandom(`${options.seed} courier`), (body) =>
    tiktok.signWebhook(body),
  );
  const rates = {
    create: FAST_RATE,
    get: FAST_RATE,
    list: FAST_RATE,
    cancel: FAST_RATE,
    inventory: FAST_RATE,
  };
  const amazon = await startAmazonSandbox({
    clock: systemClock,
    ...AMAZON,
    rates,
    delays: { ...DELAYS, cancelMs: 100 },
    sellerSkus: Object.fromEntries(SKUS.map((sku) => [sku, 1_000_000])),
  });
  const tiktok: TikTokSandbox = await startTikTokSandbox({
    clock: systemClock,
    ...TIKTOK,
    webhookUrl,
    post: (body, signature) => courier.post(body, signature),
  });
  tiktok.addProduct({ skus: SKUS.map((sellerSku) => ({ sellerSku, stock: 1_000_000 })) });
  const root = join(folder, 'root');
  const [shadow, spare] = [join(folder, 'shadow'), join(folder, 'spare')];
  for (const path of [root, shadow, spare]) mkdirSync(path);
  const library = options.unsyncedLibrary;
  const { accessToken, refreshToken } = tiktok.tokens();
  const dataFolder = join(root, 'deep', 'data');
  const disk = library === undefined ? null : fragileFolder(root, { library, shadow, spare });
  const sides = {
    tiktok: { ...TIKTOK, url: tiktok.url, shopId: tiktok.shop.id, accessToken, refreshToken },
    amazon: { ...AMAZON, url: amazon.url },
  };
  return {
    options,
    random,
    amazon,
    tiktok,
    courier,
    port,
    folder: root,
    database: join(dataFolder, 'mcf.db'),
    env: { ...serviceEnv({ port, dataFolder, ...sides }), ...disk?.env },
    disk,
    faults: [],
    longestStopMs: 0,
  };
};

/** Buyers buy and the post brings it, until told to stop. */
const keepBusy = (field: Field): { stop(): Promise<void> } => {
  const { tiktok, amazon, courier, options } = field;
  const random = createRandom(`${options.seed} buyers`);
  const buyers = createBuyers(tiktok, amazon, random);
  const closing = new AbortController();
  const loop = (async () => {
    while (!closing.signal.aborted) {
      buyers.step();
      buyers.followUp();
      courier.resend();
      if (random.chance(0.1)) armFault(tiktok, amazon, random);
      await sleep(random.int(20, 250));
    }
  })();
  return {
    async stop() {
      closing.abort();
      await loop;
      buyers.followUp(true);
    },
  };
};

const start = (field: Field): ServiceProcess => startProcess({ env: field.env, cwd: field.folder });

const isPortClosed = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  const result = await Promise.race([
    once(socket, 'connect').then(() => false),
    once(socket, 'error').then(() => true),
  ]).catch(() => true);
  socket.destroy();
  return result;
};

/** `isEarly`: it may not have come to its first line yet, and then the signal ends it by itself. */
const terminate = async (field: Field, life: ServiceProcess, isEarly = false): Promise<void> => {
  const sinceMs = performance.now();
  life.signal('SIGTERM');
  const { code, signal } = await life.exited;
  const tookMs = performance.now() - sinceMs;
  field.longestStopMs = Math.max(field.longestStopMs, tookMs);
  if (code !== 0 && !(isEarly && signal === 'SIGTERM'))
    field.faults.push(`SIGTERM ended with ${code ?? signal}: ${life.output().slice(-500)}`);
  if (tookMs > STOPPED_WITHIN_MS) field.faults.push(`SIGTERM took ${Math.round(tookMs)} ms`);
  if (!(await isPortClosed(field.port))) field.faults.push('the port is open after SIGTERM');
};

const Notification = z.object({ body: z.string() });

const storedIds = (field: Field): Set<string> => {
  const rows = rowsLeftBehind(field.database, 'select body from notifications', 'notifications');
  return new Set(rows.map((row) => notificationId(Notification.parse(row).body)));
};

const live = async (field: Field, end: End, count: number): Promise<void> => {
  const { random, courier, faults } = field;
  const life = start(field);
  const isEarly = count < EARLY_STARTS || random.chance(0.25);
  if (isEarly) await sleep(random.int(0, START_MS));
  else {
    if (!(await life.listening())) faults.push(`life ${count + 1} does not start: ${life.output()}`);
    await sleep(random.int(0, LIFE_MS));
  }
  if (!life.isRunning()) faults.push(`life ${count + 1} ended by itself: ${life.output().slice(-2_000)}`);
  if (end === 'terminate') await terminate(field, life, isEarly);
  else {
    life.signal('SIGKILL');
    await life.exited;
  }
  await courier.settled();
  if (end === 'power-cut') field.disk?.cutPower(random);
  faults.push(...ownFaults(life), ...mailFaults(courier.mail, storedIds(field)));
};

/** What the service itself calls an error. */
const ownFaults = (life: ServiceProcess): string[] =>
  life
    .output()
    .split('\n')
    .filter((line) => /"level":(50|60)/.test(line))
    .map((line) => `the service logged ${line.slice(0, 500)}`);

/** Orders of which something is to be reported or answered yet. */
const unquiet = ({ tiktok }: Field): number =>
  tiktok
    .orders()
    .filter(
      ({ id, status, lines }) =>
        status !== 'CANCELLED' &&
        (lines.some(({ packageId }) => packageId === null) ||
          tiktok.cancellationsOf(id).some((one) => one.status === 'CANCELLATION_REQUEST_PENDING')),
    ).length;

const Row = z.object({ order_id: z.string(), stage: z.string(), reason: z.string().nullable() });

const orderRows = (field: Field): OrderRow[] =>
  liveRows(field.database, 'select order_id, stage, reason from orders')
    .map((row) => Row.parse(row))
    .map(({ order_id: orderId, stage, reason }) => ({ orderId, stage, reason }));

/** Passes until nothing is left, or for so long nothing has become less. */
const passUntilNone = async (field: Field, left: () => number): Promise<void> => {
  let least = Infinity;
  let giveUpMs = 0;
  for (let now = left(); now > 0; now = left()) {
    if (now < least) giveUpMs = performance.now() + STUCK_AFTER_MS;
    else if (performance.now() > giveUpMs) return;
    least = Math.min(least, now);
    const response = await fetch(`http://127.0.0.1:${field.port}/reconcile`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    await response.text();
    await sleep(200);
  }
};

const FINAL = new Set(['completed', 'cancelled']);

/** Everything comes to its end: what was held back arrives, parcels are delivered, nothing is left to do. */
const finish = async (field: Field): Promise<void> => {
  const { tiktok, amazon, courier, faults } = field;
  tiktok.faults.clear();
  amazon.faults.clear();
  const life = start(field);
  if (!(await life.listening())) faults.push(`the last life does not start: ${life.output()}`);
  while (courier.waiting() > 0) {
    courier.resend(true);
    await courier.settled();
  }
  await passUntilNone(field, () => unquiet(field));
  for (const { id, status } of tiktok.orders()) if (status !== 'CANCELLED') tiktok.complete(id);
  await passUntilNone(field, () => orderRows(field).filter(({ stage }) => !FINAL.has(stage)).length);
  await terminate(field, life);
  await courier.settled();
  faults.push(...ownFaults(life));
};

const reportOf = (field: Field): CampaignReport => {
  const { tiktok, amazon, courier, faults, longestStopMs } = field;
  const { mail } = courier;
  const stored = storedIds(field);
  faults.push(...mailFaults(mail, stored), ...bookFaults(tiktok, amazon, orderRows(field)));
  return {
    faults: [...new Set(faults)],
    orders: tiktok.orders().length,
    creates: amazon.creates.length,
    reports: tiktok.reports.length,
    webhooks: {
      sent: mail.sent,
      acknowledged: mail.acknowledged,
      refused: [...mail.refused.values()].reduce((total, count) => total + count, 0),
      cut: mail.cut,
      stored: stored.size,
    },
    longestStopMs: Math.round(longestStopMs),
  };
};

/** Runs the real service between both simulators through life after life, and keeps the books. */
export const runCampaign = async (options: CampaignOptions): Promise<CampaignReport> => {
  const folder = mkdtempSync(join(tmpdir(), 'mcf-crash-'));
  const field = await openField(options, folder);
  try {
    const business = keepBusy(field);
    for (const [count, end] of options.ends.entries()) {
      await live(field, end, count);
      if ((count + 1) % 10 === 0)
        options.say?.(
          `${count + 1} ends, ${field.tiktok.orders().length} orders, ${field.faults.length} faults`,
        );
    }
    await business.stop();
    await finish(field);
    return reportOf(field);
  } finally {
    await Promise.all([field.tiktok.close(), field.amazon.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
};
