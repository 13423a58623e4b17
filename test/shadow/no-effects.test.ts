import { beforeEach, describe, expect, it } from 'vitest';
import type { Call, CallSpec } from '../../src/channels/tiktok-shop/call.ts';
import { createTikTokClient } from '../../src/channels/tiktok-shop/client.ts';
import { createAmazonClient } from '../../src/fulfillment/amazon-mcf/client.ts';
import { UpstreamError } from '../../src/lib/errors.ts';
import type { HttpClient, HttpRequest } from '../../src/lib/http-client.ts';
import { createSide } from '../../src/lib/side.ts';
import { httpFor } from '../../src/wiring/shadow.ts';
import { createHeldClock } from '../held-clock.ts';

type Sent = Pick<HttpRequest, 'upstream' | 'operation' | 'method' | 'url'>;

let out: Sent[];
let network: HttpClient;
beforeEach(() => {
  out = [];
  network = {
    async send({ upstream, operation, method, url }) {
      out.push({ upstream, operation, method, url });
      return { status: 200, headers: {}, text: '{}' };
    },
    close: () => undefined,
  };
});

const requestOf = (fields: Partial<HttpRequest>): HttpRequest => ({
  upstream: 'tiktok-shop',
  account: '1',
  operation: 'getOrderDetail',
  limit: { ratePerSecond: 1, burst: 1 },
  method: 'POST',
  url: 'http://localhost',
  headers: {},
  ...fields,
});

/** Names of the calls that got no further than this service, and of those that went out. */
const callAll = async (calls: Record<string, () => Promise<unknown>>) => {
  const stayed: string[] = [];
  const went: string[] = [];
  for (const [name, call] of Object.entries(calls)) {
    const before = out.length;
    const error: unknown = await call().then(
      () => null,
      (reason: unknown) => reason,
    );
    const isRefused = error instanceof UpstreamError && error.stage === 'before' && error.isLocal;
    if (out.length > before) went.push(name);
    else stayed.push(isRefused ? name : `${name}: ${String(error)}`);
  }
  return { stayed: stayed.sort(), went: went.sort() };
};

/** What every argument is filled with: no method looks into one before it sends. */
const ARGUMENTS = ['1', '1', '1', '1'];
type Method = (...parameters: unknown[]) => Promise<unknown>;

describe('in shadow mode', () => {
  it('lets out exactly those TikTok calls that the client itself declares as reads', async () => {
    const http = httpFor({ MODE: 'shadow' }, network);
    const specs = new Map<string, Pick<CallSpec<unknown>, 'effect' | 'operation'>>();
    let name = '';
    const call = (async (_target: unknown, spec: CallSpec<unknown>) => {
      specs.set(name, spec);
      await http.send(requestOf({ operation: spec.operation, method: spec.method, url: spec.path }));
    }) as Call;
    const client = createTikTokClient(call) as unknown as Record<string, Method>;
    const calls = Object.fromEntries(
      Object.entries(client).map(([method, send]) => [
        method,
        () => {
          name = method;
          return send({ account: '1', cipher: 'c', side: null }, ...ARGUMENTS.map(() => ['1']));
        },
      ]),
    );

    const { stayed, went } = await callAll(calls);

    const declared = (effect: string): string[] =>
      [...specs]
        .filter(([, spec]) => spec.effect === effect)
        .map(([method]) => method)
        .sort();
    expect(specs.size).toBe(Object.keys(client).length);
    expect(stayed).toEqual(declared('write'));
    expect(went).toEqual(declared('read'));
    expect(stayed).toEqual(
      expect.arrayContaining(['markPackageAsShipped', 'updateInventory', 'createCancellation']),
    );
  });

  it('lets out exactly those Amazon calls that read', async () => {
    const clock = createHeldClock(0);
    const options = {
      http: network,
      clock,
      sideFor: () => createSide('amazon-mcf', clock),
      lwa: { accessToken: async () => 'token', drop: () => undefined },
      account: 'amazon',
      marketplaceId: 'ATVPDKIKX0DER',
      spApiUrl: 'http://amazon',
      awsRegion: 'us-east-1',
      aws: null,
      version: '1',
    };
    const callsOf = (http: HttpClient): Record<string, () => Promise<unknown>> =>
      Object.fromEntries(
        Object.entries(createAmazonClient({ ...options, http }) as unknown as Record<string, Method>).map(
          ([method, send]) => [method, () => (method === 'inventory' ? send(null, null) : send('1', '1'))],
        ),
      );
    const reads: string[] = [];
    for (const [name, call] of Object.entries(callsOf(network))) {
      await call().catch(() => undefined);
      const sent = out.at(-1);
      if (sent?.method === 'GET' || sent?.url.endsWith('/preview')) reads.push(name);
    }

    const { stayed, went } = await callAll(callsOf(httpFor({ MODE: 'shadow' }, network)));

    expect(went).toEqual(reads.sort());
    expect(stayed).toEqual(expect.arrayContaining(['create', 'update', 'cancel', 'createReturn']));
    expect([...stayed, ...went]).toHaveLength(Object.keys(callsOf(network)).length);
  });

  it.each([
    { upstream: 'tiktok-shop', operation: 'anOperationOfTomorrow', method: 'GET' as const },
    { upstream: 'another-channel', operation: 'getOrderDetail', method: 'GET' as const },
    { upstream: 'tiktok-shop', operation: 'toString', method: 'GET' as const },
    { upstream: 'constructor', operation: 'name', method: 'GET' as const },
  ])('refuses what nobody declared: $upstream $operation', async (fields) => {
    await expect(httpFor({ MODE: 'shadow' }, network).send(requestOf(fields))).rejects.toBeInstanceOf(
      UpstreamError,
    );
    expect(out).toEqual([]);
  });

  it('still renews its own access and sends the seller’s alerts', async () => {
    const http = httpFor({ MODE: 'shadow' }, network);
    await http.send(requestOf({ operation: 'refreshToken' }));
    await http.send(requestOf({ upstream: 'amazon-mcf', operation: 'requestAccessToken' }));
    await http.send(requestOf({ upstream: 'alert-webhook', operation: 'post' }));

    expect(out).toHaveLength(3);
  });
});

describe('live', () => {
  it('lets everything out', async () => {
    await httpFor({ MODE: 'live' }, network).send(requestOf({ operation: 'markPackageAsShipped' }));

    expect(out).toHaveLength(1);
  });
});
