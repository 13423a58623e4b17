import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { type CallOutcome, createHttpClient, type HttpClient, type HttpRequest } from './http-client.ts';
import { createQuota, type Quota } from './quota.ts';

type Seen = {
  method: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
  port: number | undefined;
};

let server: Server;
let url: string;
let handle: (request: IncomingMessage, response: ServerResponse) => void;
let seen: Seen[];
let sockets: Set<Socket>;
let client: HttpClient;
let quota: Quota;
let outcomes: CallOutcome[];

beforeEach(async () => {
  seen = [];
  sockets = new Set();
  outcomes = [];
  handle = (_request, response) => response.end('answer');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { method, headers, socket } = request;
      seen.push({ method, headers, body, port: socket.remotePort });
      handle(request, response);
    });
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  quota = createQuota(systemClock);
  client = createHttpClient({ quota, onCall: (outcome) => outcomes.push(outcome) });
});
afterEach(async () => {
  client.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const LIMIT = { ratePerSecond: 1000, burst: 1000 };
const requestOf = (overrides: Partial<HttpRequest> = {}): HttpRequest => ({
  upstream: 'amazon-mcf',
  account: 'seller',
  operation: 'getOrder',
  limit: LIMIT,
  method: 'GET',
  url: `${url}/orders`,
  headers: { 'x-test': 'yes' },
  ...overrides,
});

describe('a call', () => {
  it('sends exactly what it was given and answers status, headers in lower case, and text', async () => {
    handle = (_request, response) => {
      response.writeHead(201, { 'X-Amzn-RequestId': 'r-1' });
      response.end('{"a":1}');
    };

    const answer = await client.send(
      requestOf({ method: 'POST', body: '{"b":2}', headers: { 'content-type': 'application/json' } }),
    );

    expect(answer).toMatchObject({ status: 201, text: '{"a":1}' });
    expect(answer.headers['x-amzn-requestid']).toBe('r-1');
    expect(seen).toMatchObject([
      { method: 'POST', body: '{"b":2}', headers: { 'content-type': 'application/json' } },
    ]);
  });

  it.each(['GET', 'PUT', 'POST', 'DELETE'] as const)('without a body announces none: %s', async (method) => {
    await client.send(requestOf({ method }));

    expect(seen[0]?.body).toBe('');
    expect(seen[0]?.headers['content-type']).toBeUndefined();
    expect(Number(seen[0]?.headers['content-length'] ?? 0)).toBe(0);
  });

  it.each([301, 400, 404, 500, 503])('takes %i for an answer, and follows no redirect', async (status) => {
    handle = (_request, response) => {
      response.writeHead(status, { location: `${url}/elsewhere` });
      response.end('said');
    };

    expect(await client.send(requestOf())).toMatchObject({ status, text: 'said' });
    expect(seen).toHaveLength(1);
  });

  it('uses its connection again', async () => {
    await client.send(requestOf());
    await client.send(requestOf());

    expect(seen[1]?.port).toBe(seen[0]?.port);
  });

  it('is told with names and numbers only', async () => {
    handle = (_request, response) => {
      response.setHeader('x-amzn-requestid', 'r-1');
      response.end('answer');
    };

    await client.send(requestOf());

    expect(outcomes).toEqual([
      {
        upstream: 'amazon-mcf',
        account: 'seller',
        operation: 'getOrder',
        status: 200,
        durationMs: expect.any(Number),
        requestId: 'r-1',
      },
    ]);
  });
});

describe('a call without a usable answer', () => {
  it('that takes too long is given up, and nobody knows its effect', async () => {
    handle = () => undefined;

    await expect(client.send(requestOf({ timeoutMs: 30 }))).rejects.toMatchObject({
      code: 'upstream_timeout',
      stage: 'during',
      retry: 'later',
      operation: 'getOrder',
    });
    expect(outcomes).toMatchObject([{ status: null }]);
  });

  it('that drips its answer is given up as well', async () => {
    let drip: NodeJS.Timeout | undefined;
    handle = (_request, response) => {
      response.writeHead(200);
      drip = setInterval(() => response.write('.'), 5);
    };

    const failed = client.send(requestOf({ timeoutMs: 60 }));

    await expect(failed).rejects.toMatchObject({ stage: 'during', code: 'upstream_timeout' });
    clearInterval(drip);
  });

  it('that is reset may have had its effect', async () => {
    handle = (request) => request.socket.destroy();

    await expect(client.send(requestOf())).rejects.toMatchObject({
      code: 'upstream_unreachable',
      stage: 'during',
    });
  });

  it('that found nobody listening surely had none', async () => {
    const closed = url;
    await new Promise((resolve) => server.close(resolve));

    await expect(client.send(requestOf({ url: closed }))).rejects.toMatchObject({
      code: 'upstream_unreachable',
      stage: 'before',
    });
  });

  it('that is larger than any real one is not read to its end', async () => {
    let sent = 0;
    handle = (_request, response) => {
      const block = Buffer.alloc(1024 * 1024, 'x');
      const more = (): void => {
        for (let open = true; open && sent < 64; sent += 1) open = response.write(block);
        if (sent < 64 && !response.destroyed) response.once('drain', more);
      };
      more();
    };

    await expect(client.send(requestOf())).rejects.toMatchObject({
      code: 'upstream_malformed',
      stage: 'during',
    });
    expect(sent).toBeLessThan(64);
  });

  it('says nothing of its URL or headers', async () => {
    handle = (request) => request.socket.destroy();

    const failed = client.send(
      requestOf({ url: `${url}/x?access_token=secret`, headers: { authorization: 'secret' } }),
    );

    await expect(failed).rejects.toSatisfy(
      (error: Error) => !`${error.message}${error.stack}`.includes('secret'),
    );
  });
});

describe('the quota of a call', () => {
  const available = (): number => quota.available('amazon-mcf/seller/getOrder', LIMIT);

  it('is taken for its account and operation', async () => {
    await client.send(requestOf({ limit: { ratePerSecond: 0.001, burst: 5 } }));

    expect(available()).toBe(4);
  });

  it('is emptied by a 429', async () => {
    handle = (_request, response) => {
      response.writeHead(429, { 'retry-after': '60' });
      response.end();
    };

    const answer = await client.send(requestOf());

    expect(answer.status).toBe(429);
    expect(available()).toBe(0);
  });

  it('follows the rate that Amazon reports', async () => {
    handle = (_request, response) => {
      response.setHeader('x-amzn-RateLimit-Limit', '0.5');
      response.end();
    };
    const learned: [string, number][] = [];
    quota.learnRate = (key, rate) => learned.push([key, rate]);

    await client.send(requestOf());

    expect(learned).toEqual([['amazon-mcf/seller/getOrder', 0.5]]);
  });

  it('is not changed by a rate that is none', async () => {
    handle = (_request, response) => {
      response.setHeader('x-amzn-RateLimit-Limit', 'many');
      response.end();
    };
    const learned: number[] = [];
    quota.learnRate = (_key, rate) => learned.push(rate);

    await client.send(requestOf());

    expect(learned).toEqual([]);
  });
});
