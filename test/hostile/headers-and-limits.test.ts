import type { FastifyRequest } from 'fastify';
import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/load.ts';
import { addLimits } from '../../src/http/limits.ts';
import { orderOf } from '../fakes.ts';
import { type Hostile, openHostile, SHOP_ID, sign, TOKEN } from './app.ts';

const REFUSED_A_MINUTE = 60;

describe('headers', () => {
  let hostile: Hostile;
  beforeEach(async () => {
    hostile = await openHostile();
  });
  afterEach(() => hostile.close());

  it.each([
    ['a list', '/api/orders', TOKEN, 200],
    ['a map', '/api/sku-map', TOKEN, 200],
    ['health', '/health', '', 200],
    ['a probe', '/health/live', '', 200],
    ['no token', '/api/orders', 'wrong', 401],
    ['a bad query', '/api/orders?limit=x', TOKEN, 400],
    ['an unknown order', '/api/orders/1', TOKEN, 404],
    ['nothing there', '/nothing', '', 404],
    ['an unreadable address', '/%zz', '', 400],
    ['a long address', `/api/orders/${'x'.repeat(200)}`, TOKEN, 414],
  ])('of %s make a browser take it for data and keep nothing', async (_name, url, token, status) => {
    const { statusCode, headers } = await hostile.app.inject({
      url,
      headers: { authorization: `Bearer ${token}` },
    });

    expect(statusCode).toBe(status);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    });
    for (const name of ['x-powered-by', 'server', 'strict-transport-security', 'access-control-allow-origin'])
      expect(headers).not.toHaveProperty(name);
  });

  it('of a fault are the same', async () => {
    await hostile.store.close();
    const { statusCode, headers } = await hostile.app.inject({
      url: '/api/orders',
      headers: { authorization: `Bearer ${TOKEN}` },
    });

    expect(statusCode).toBe(503);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
  });

  it('of the webhook are none: its answer is empty', async () => {
    hostile.channel.put(orderOf());
    const body = JSON.stringify({ type: 1, tts_notification_id: '1', shop_id: SHOP_ID });
    const taken = await hostile.deliver(body);
    const refused = await hostile.deliver(body, { authorization: 'no' });

    for (const { headers } of [taken, refused])
      expect(Object.keys(headers).sort()).toEqual(['connection', 'content-length', 'date']);
    expect([taken.statusCode, refused.statusCode]).toEqual([200, 401]);
  });
});

/** Statuses of requests with a wrong token that name these clients in turn. */
const refusedFrom = async (hostile: Hostile, forwardedFor: (count: number) => string, count: number) => {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const answer = await hostile.app.inject({
      url: '/api/orders',
      remoteAddress: '10.0.0.9',
      headers: { authorization: 'Bearer wrong', 'x-forwarded-for': forwardedFor(index) },
    });
    statuses.push(answer.statusCode);
  }
  return statuses;
};

const open = async <T>(
  options: Parameters<typeof openHostile>[0],
  use: (hostile: Hostile) => Promise<T>,
): Promise<T> => {
  const hostile = await openHostile(options);
  try {
    return await use(hostile);
  } finally {
    await hostile.close();
  }
};

describe('whom a limit counts', () => {
  const more = REFUSED_A_MINUTE + 5;
  const other = (index: number): string => `203.0.113.${index}`;

  it('is the one who connects, whatever a header says', async () => {
    await open({}, async (hostile) => {
      const statuses = await refusedFrom(hostile, other, more);

      expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    });
  });

  it('is whom a trusted proxy names, each for himself', async () => {
    await open({ trustProxy: ['10.0.0.0/8'] }, async (hostile) => {
      expect(new Set(await refusedFrom(hostile, other, more))).toEqual(new Set([401]));
      const one = await refusedFrom(hostile, () => '198.51.100.7', more);
      expect(one.filter((status) => status === 429)).toHaveLength(5);
    });
  });

  it('is the last address that the proxy itself saw: what a client wrote before it is not believed', async () => {
    for (const trustProxy of [['10.0.0.9'], 1] as const)
      await open(
        { trustProxy: typeof trustProxy === 'number' ? trustProxy : [...trustProxy] },
        async (hostile) => {
          const statuses = await refusedFrom(hostile, (index) => `${other(index)}, 198.51.100.7`, more);
          expect(statuses.filter((status) => status === 429)).toHaveLength(5);
        },
      );
  });

  it('is one alike for everything that is no address', async () => {
    await open({ trustProxy: 1 }, async (hostile) => {
      const odd = ['unknown', 'x'.repeat(5_000), '', '1.2.3', '__proto__', 'fe80::1%eth0', '::ffff:1.2.3.4'];
      const statuses = await refusedFrom(hostile, (index) => odd[index % odd.length] ?? '', 200);

      expect([...new Set(statuses)].sort()).toEqual([401, 429]);
    });
  });

  it('is the network of an IPv6 address, not each of its hosts', async () => {
    await open({ trustProxy: 1 }, async (hostile) => {
      const statuses = await refusedFrom(hostile, (index) => `2001:db8:1:2::${index.toString(16)}`, more);

      expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    });
  });

  it('is never who signs rightly, however many do not', async () => {
    await open({}, async (hostile) => {
      const statuses: number[] = [];
      for (let index = 0; index < 200; index += 1) {
        await hostile.deliver('x', { authorization: 'no' });
        const body = JSON.stringify({ type: 36, tts_notification_id: `${index}`, shop_id: SHOP_ID });
        statuses.push((await hostile.deliver(body, { authorization: sign(body) })).statusCode);
      }

      expect(new Set(statuses)).toEqual(new Set([200]));
      expect((await hostile.deliver('x', { authorization: 'no' })).statusCode).toBe(429);
    });
  });

  it('is forgotten oldest first, so that 100,000 addresses take no more room than 5,000', async () => {
    const app = Fastify();
    const countRefused = await addLimits(app);
    const from = (ip: string) =>
      countRefused({ ip, routeOptions: { config: {} } } as unknown as FastifyRequest);
    const spend = async (ip: string): Promise<boolean> => {
      let last = false;
      for (let count = 0; count <= REFUSED_A_MINUTE; count += 1) last = await from(ip);
      return last;
    };
    expect(await spend('203.0.113.1')).toBe(true);
    for (let index = 0; index < 4_000; index += 1) await from(`10.1.${index >> 8}.${index & 255}`);
    expect(await from('203.0.113.1')).toBe(true);

    for (let index = 0; index < 100_000; index += 1)
      await from(`10.${2 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`);

    // Forgotten: there was no room for it among the later ones.
    expect(await from('203.0.113.1')).toBe(false);
    await app.close();
  });
});

describe('TRUST_PROXY', () => {
  const required = {
    ADMIN_TOKEN: TOKEN,
    TIKTOK_APP_KEY: 'key',
    TIKTOK_APP_SECRET: 'secret',
    AMAZON_LWA_CLIENT_ID: 'client',
    AMAZON_LWA_CLIENT_SECRET: 'client-secret',
    AMAZON_LWA_REFRESH_TOKEN: 'refresh',
  };

  it.each([
    [undefined, false],
    ['false', false],
    ['0', false],
    ['2', 2],
    ['10.0.0.1', ['10.0.0.1']],
    ['10.0.0.0/8, fd00::/8,::1', ['10.0.0.0/8', 'fd00::/8', '::1']],
  ])('%s is %j', (text, value) => {
    expect(
      loadConfig({ ...required, ...(text === undefined ? {} : { TRUST_PROXY: text }) }).TRUST_PROXY,
    ).toEqual(value);
  });

  it.each([
    'true',
    '*',
    '-1',
    '1.5',
    '10',
    'proxy.internal',
    '10.0.0.0/33',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.1,',
    '1/8',
    '10.0.0.0/8/8',
  ])('%s stops the start: it would believe too many, or nobody', (text) => {
    expect(() => loadConfig({ ...required, TRUST_PROXY: text })).toThrow(ConfigError);
  });
});
