import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, Row } from '../lib/context.ts';
import type { Disk } from '../lib/disk.ts';
import { runLoad } from '../lib/load-run.ts';
import { newFolder, startServer } from '../lib/servers.ts';
import { median, spreadOf } from '../lib/stats.ts';
import { placeOrders, type Simulators, startSimulators } from '../lib/upstreams.ts';
import { disk as diskText, ms } from '../report.ts';

/** Below the burst of Amazon's create quota, so that no order waits for it. */
const ORDERS = 24;
/** The first ones also fetch tokens and are compiled on the way. */
const UNCOUNTED = 4;
const CREATED_WITHIN_MS = 10_000;
const PAUSE_MS = 30;

const wallMs = (): number => performance.timeOrigin + performance.now();

const untilCreated = async ({ amazon }: Simulators, fulfillmentId: string): Promise<number> => {
  const giveUpMs = wallMs() + CREATED_WITHIN_MS;
  while (wallMs() < giveUpMs) {
    const created = amazon.creates.find((create) => create.fulfillmentId === fulfillmentId);
    if (created) return created.at;
    await sleep(1);
  }
  throw new Error(`${fulfillmentId} was not created within ${CREATED_WITHIN_MS} ms`);
};

/** Time from a webhook's send until Amazon took the order. */
const placeOne = async (simulators: Simulators, port: number, orderId: string): Promise<number> => {
  const { tiktok } = simulators;
  tiktok.webhooks.url = `http://127.0.0.1:${port}/webhooks/tiktok`;
  const sentMs = wallMs();
  const answer = tiktok.sendWebhook(1, {
    order_id: orderId,
    order_status: 'AWAITING_SHIPMENT',
    is_on_hold_order: true,
    update_time: tiktok.order(orderId).updateTime,
  });
  const createdMs = await untilCreated(simulators, `TTS-${orderId}`);
  await answer;
  return createdMs - sentMs;
};

const serviceTimes = async (context: Context, disk: Disk): Promise<number[]> => {
  const simulators = await startSimulators();
  const folder = newFolder(context.folder, 'service');
  const server = await startServer({ kind: 'service', folder, disk, env: simulators.env });
  try {
    const times: number[] = [];
    for (const orderId of placeOrders(simulators.tiktok, ORDERS)) {
      times.push(await placeOne(simulators, server.port, orderId));
      // What follows the create is finished, so that the next order runs inline.
      await sleep(PAUSE_MS + 10 * disk.addedMs);
    }
    return times.slice(UNCOUNTED);
  } finally {
    await server.kill();
    await simulators.close();
  }
};

const floorLatency = async (context: Context, disk: Disk): Promise<number> => {
  const folder = newFolder(context.folder, 'floor');
  const server = await startServer({ kind: 'floor', folder, disk });
  try {
    const mode = { kind: 'saturate', inFlight: 1 } as const;
    const load = { mode, count: 5_000, connections: 1, durationMs: 1_500 };
    return (await runLoad(server, folder, load)).p50Ms;
  } finally {
    await server.kill();
  }
};

/** One order at a time from webhook to create, with upstreams that answer at once. */
export const measureConverge = async (context: Context): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const disk of context.disks) {
    const floorMs = await floorLatency(context, disk);
    const times = await serviceTimes(context, disk);
    const own = median(times);
    context.progress(`converge ${diskText(disk)}: ${ms(own)}`);
    rows.push({
      name: `webhook to create, one order, median, ${diskText(disk)}`,
      floor: `${ms(floorMs)} a request`,
      service: ms(own),
      ratio: `${(own / floorMs).toFixed(1)} floor requests`,
      target: null,
      figures: { floorMs, service: spreadOf(times) },
    });
  }
  return rows;
};
