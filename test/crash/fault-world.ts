import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../../src/lib/clock.ts';
import { type AmazonSandbox, startAmazonSandbox } from '../../src/sandbox/amazon/index.ts';
import { startTikTokSandbox, type TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import { freePort, type ServiceProcess, serviceEnv, startProcess } from './service-process.ts';

const TIKTOK = { appKey: 'key1', appSecret: 'shop-secret-1' };
const AMAZON = { clientId: 'client', clientSecret: 'client-secret', refreshToken: 'Atzr|x' };
const Health = z.object({ status: z.string(), store: z.string(), storeProblem: z.string().nullable() });

export type FaultWorld = {
  tiktok: TikTokSandbox;
  amazon: AmazonSandbox;
  folder: string;
  /** Of the database; need not be there before the first start. */
  data: string;
  database: string;
  start(more?: { env?: Record<string, string>; uid?: number }): ServiceProcess;
  /** Sends one signed webhook of an order that exists and answers the status. */
  webhook(): Promise<number>;
  health(): Promise<{ httpStatus: number; store: string; storeProblem: string | null }>;
  /** What fails from now on, as lines of `faulty.c`. */
  breakDisk(...rules: string[]): void;
  close(): Promise<void>;
};

/** One real service between both simulators, on a disk that fails on demand when `library` is given. */
export const startFaultWorld = async (library?: string): Promise<FaultWorld> => {
  const folder = mkdtempSync(join(tmpdir(), 'mcf-fault-'));
  const rules = join(folder, 'rules');
  const data = join(folder, 'data');
  mkdirSync(data);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const amazon = await startAmazonSandbox({ clock: systemClock, ...AMAZON, sellerSkus: { MUG: 10_000 } });
  const tiktok = await startTikTokSandbox({ clock: systemClock, ...TIKTOK, webhookUrl: null });
  tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 10_000 }] });
  const { accessToken, refreshToken } = tiktok.tokens();
  const sides = {
    tiktok: { ...TIKTOK, url: tiktok.url, shopId: tiktok.shop.id, accessToken, refreshToken },
    amazon: { ...AMAZON, url: amazon.url },
  };
  const children: ServiceProcess[] = [];
  return {
    tiktok,
    amazon,
    folder,
    data,
    database: join(data, 'mcf.db'),
    start({ env = {}, uid } = {}) {
      const shim = library === undefined ? {} : { LD_PRELOAD: library, FAULTY_RULES: rules };
      const child = startProcess({
        env: { ...serviceEnv({ port, dataFolder: data, ...sides }), ...shim, ...env },
        cwd: folder,
        ...(uid === undefined ? {} : { uid }),
      });
      children.push(child);
      tiktok.webhooks.url = `${url}/webhooks/tiktok`;
      return child;
    },
    async webhook() {
      // Announced by hand, so that the answer is seen.
      tiktok.webhooks.off();
      const { orderId } = tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true });
      const { updateTime } = tiktok.order(orderId);
      const data = { order_id: orderId, order_status: 'AWAITING_SHIPMENT', update_time: updateTime };
      return (await tiktok.sendWebhook(1, data)).status;
    },
    async health() {
      const response = await fetch(`${url}/health`);
      const { store, storeProblem } = Health.parse(await response.json());
      return { httpStatus: response.status, store, storeProblem };
    },
    breakDisk: (...lines) => writeFileSync(rules, lines.map((line) => `${line}\n`).join('')),
    async close() {
      for (const child of children) child.signal('SIGKILL');
      await Promise.all(children.map((child) => child.exited));
      await Promise.all([tiktok.close(), amazon.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
