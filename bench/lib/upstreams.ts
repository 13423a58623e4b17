import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Clock } from '../../src/lib/clock.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type AmazonSandbox, type Rates, startAmazonSandbox } from '../../src/sandbox/amazon/index.ts';
import { startTikTokSandbox, type TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import { APP_KEY, APP_SECRET } from './servers.ts';

export type Upstreams = { env: Record<string, string>; close(): Promise<void> };
export type Simulators = Upstreams & { tiktok: TikTokSandbox; amazon: AmazonSandbox };

/** Upstreams that take a connection and never answer: every call of the service hangs until it times out. */
export const startSilentUpstreams = async (): Promise<Upstreams> => {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    env: { TIKTOK_API_URL: url, TIKTOK_AUTH_URL: url, AMAZON_SP_API_URL: url, AMAZON_LWA_URL: url },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

export type SimulatorOptions = {
  /** Added to the time of both simulators. */
  shiftMs?: () => number;
  /** Default: the quotas of the real one. */
  rates?: Rates;
};

/** The system's clock with fractions of a millisecond, so that short times can be told. */
const fineClock = (shiftMs: () => number): Clock => ({
  ...systemClock,
  nowMs: () => performance.timeOrigin + performance.now() + shiftMs(),
});

/** Both simulators; orders are announced by the load generator only. */
export const startSimulators = async ({
  shiftMs = () => 0,
  rates = {},
}: SimulatorOptions = {}): Promise<Simulators> => {
  const credentials = {
    clientId: 'bench-client',
    clientSecret: 'bench-client-secret',
    refreshToken: 'bench-refresh',
  };
  const amazon = await startAmazonSandbox({
    clock: fineClock(shiftMs),
    ...credentials,
    rates,
    automatic: false,
    sellerSkus: { MUG: 1_000_000 },
  });
  const tiktok = await startTikTokSandbox({
    clock: { ...systemClock, nowMs: () => systemClock.nowMs() + shiftMs() },
    appKey: APP_KEY,
    appSecret: APP_SECRET,
  });
  tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 1_000_000 }] });
  const { accessToken, refreshToken } = tiktok.tokens();
  return {
    tiktok,
    amazon,
    env: {
      TIKTOK_API_URL: tiktok.url,
      TIKTOK_AUTH_URL: tiktok.url,
      TIKTOK_SHOP_ID: tiktok.shop.id,
      TIKTOK_SHOP_CIPHER: tiktok.shop.cipher,
      TIKTOK_ACCESS_TOKEN: accessToken,
      TIKTOK_REFRESH_TOKEN: refreshToken,
      AMAZON_SP_API_URL: amazon.url,
      AMAZON_LWA_URL: amazon.url,
      // Webhooks are the only trigger that is measured.
      RECONCILE_INTERVAL_SECONDS: '0',
    },
    async close() {
      await Promise.all([tiktok.close(), amazon.close()]);
    },
  };
};

/** Places `count` orders that are ready to ship and announces none of them. */
export const placeOrders = (tiktok: TikTokSandbox, count: number): string[] => {
  tiktok.webhooks.off();
  return Array.from(
    { length: count },
    () => tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true }).orderId,
  );
};
