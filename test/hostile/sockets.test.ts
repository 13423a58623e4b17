import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SERVER_LIMITS } from '../../src/http/server-limits.ts';
import { type Hostile, openHostile, SHOP_ID, sign, TOKEN } from './app.ts';
import { openSocket, type RawSocket, statusesIn } from './raw-socket.ts';

const LIVE = 'GET /health/live HTTP/1.1\r\nHost: x\r\n';
const WEBHOOK = 'POST /webhooks/tiktok HTTP/1.1\r\nHost: x\r\n';
const SLOW = { headersMs: 400, requestMs: 800, keepAliveMs: 60_000, silentMs: 60_000, checkMs: 50 };

describe('over a socket', () => {
  let hostile: Hostile;
  let port: number;
  const open: RawSocket[] = [];

  beforeAll(async () => {
    hostile = await openHostile({ limits: SLOW });
    await hostile.app.listen({ port: 0, host: '127.0.0.1' });
    port = (hostile.app.server.address() as AddressInfo).port;
  });
  afterEach(() => {
    for (const each of open.splice(0)) each.socket.destroy();
  });
  afterAll(() => hostile.close());

  const connection = async (): Promise<RawSocket> => {
    const opened = await openSocket(port);
    open.push(opened);
    return opened;
  };
  /** Sends it whole and waits for the end of the connection. */
  const exchange = async (text: string | Buffer): Promise<string> => {
    const raw = await connection();
    raw.write(text);
    return raw.closed;
  };
  const isAlive = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/health/live`)).ok;
  /** One byte at a time until the other side has had enough. */
  const drip = async (raw: RawSocket): Promise<void> => {
    while (!raw.socket.destroyed && raw.socket.writable) {
      raw.write('x');
      await delay(20);
    }
  };

  describe('a slow client', () => {
    it('that never ends its headers is refused with 408, while others are answered', async () => {
      const raw = await connection();
      raw.write(`${LIVE}X-Slow: `);
      void drip(raw);
      expect(await isAlive()).toBe(true);

      const text = await raw.closed;

      expect(statusesIn(text)).toEqual([408]);
      expect(text).toMatch(/content-type: application\/problem\+json/i);
      expect(text).toMatch('"code":"request_too_slow"');
    });

    it('that never ends its body is refused with 408, and nothing of it is stored', async () => {
      const raw = await connection();
      raw.write(`${WEBHOOK}Content-Length: 100000\r\n\r\n{"type":1,`);
      void drip(raw);
      expect(await isAlive()).toBe(true);

      expect(statusesIn(await raw.closed)).toEqual([408]);
      expect(await hostile.store.notifications.count()).toBe(0);
    });

    it('that never ends a chunk is refused with 408', async () => {
      const raw = await connection();
      raw.write(`${WEBHOOK}Transfer-Encoding: chunked\r\n\r\nffff\r\n`);
      void drip(raw);

      expect(statusesIn(await raw.closed)).toEqual([408]);
    });

    it('that says nothing at all is let go', async () => {
      expect(statusesIn(await (await connection()).closed)).toEqual([408]);
    });

    it('that rests between two requests is kept for longer than a request may take', async () => {
      const raw = await connection();
      raw.write(`${LIVE}\r\n`);
      await raw.until(/"ok"\}/);

      await delay(SLOW.requestMs + 10 * SLOW.checkMs);
      raw.write(`${LIVE}Connection: close\r\n\r\n`);

      expect(statusesIn(await raw.closed)).toEqual([200, 200]);
    });
  });

  it('a thousand connections that do nothing keep nobody waiting', async () => {
    const idle = await Promise.all(Array.from({ length: 1_000 }, () => connection()));

    expect(await isAlive()).toBe(true);
    await Promise.all(idle.map((raw) => raw.closed));
    expect(await isAlive()).toBe(true);
  });

  describe('too much', () => {
    it('of a body by its own word is refused with 413 before it is sent', async () => {
      const text = await exchange(`${WEBHOOK}Content-Length: 999999999\r\n\r\n`);

      expect(statusesIn(text)).toEqual([413]);
      expect(text).toMatch(/connection: close/i);
    });

    it('of a body in chunks is refused with 413 where it goes over', async () => {
      const raw = await connection();
      raw.write(`${WEBHOOK}Transfer-Encoding: chunked\r\n\r\n`);
      for (let count = 0; count < 5; count += 1) raw.write(`10000\r\n${'x'.repeat(0x10000)}\r\n`);
      await raw.until(/ 413 /);

      expect(statusesIn(raw.text())).toEqual([413]);
      expect(await hostile.store.notifications.count()).toBe(0);
    });

    it('of a header block is refused with 431', async () => {
      const text = await exchange(`${LIVE}X-Big: ${'x'.repeat(20_000)}\r\n\r\n`);

      expect(statusesIn(text)).toEqual([431]);
      expect(text).toMatch('"code":"headers_too_large"');
    });

    it('of an address is refused', async () => {
      const [status] = statusesIn(await exchange(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`));

      expect(status).toBe(431);
    });

    it('of headers by number does no harm', async () => {
      const many = Array.from({ length: 1_500 }, (_, index) => `a${index}: 1\r\n`).join('');

      expect([200, 431]).toContain(statusesIn(await exchange(`${LIVE}${many}Connection: close\r\n\r\n`))[0]);
      expect(await isAlive()).toBe(true);
    });
  });

  describe('two requests in one', () => {
    const inner = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';

    it.each([
      ['both lengths', `${WEBHOOK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`],
      [
        'both lengths, the other way',
        `${WEBHOOK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${inner}`,
      ],
      ['two lengths', `${WEBHOOK}Content-Length: 0\r\nContent-Length: 40\r\n\r\n${inner}`],
      ['a signed length', `${WEBHOOK}Content-Length: +0\r\n\r\n${inner}`],
      ['a list of lengths', `${WEBHOOK}Content-Length: 0, 0\r\n\r\n${inner}`],
      ['a size that is no number', `${WEBHOOK}Transfer-Encoding: chunked\r\n\r\nzz\r\n${inner}`],
      ['a size that overflows', `${WEBHOOK}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${inner}`],
      ['a negative size', `${WEBHOOK}Transfer-Encoding: chunked\r\n\r\n-1\r\n${inner}`],
      ['chunked not last', `${WEBHOOK}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${inner}`],
      ['chunked misspelled', `${WEBHOOK}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`],
      ['a blank before the colon', `${WEBHOOK}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${inner}`],
      ['a folded header', `${LIVE}X: a\r\n b\r\n\r\n${inner}`],
      ['a lone line feed in a header', `${LIVE}X: a\nTransfer-Encoding: chunked\r\n\r\n${inner}`],
      ['a lone carriage return in a header', `${LIVE}X: a\rSet-Cookie: b\r\n\r\n${inner}`],
      ['a null byte in a header', `${LIVE}X: a\u0000b\r\n\r\n${inner}`],
      ['no host', `GET /health/live HTTP/1.1\r\n\r\n${inner}`],
      ['a method nobody knows', `FETCH /health/live HTTP/1.1\r\nHost: x\r\n\r\n${inner}`],
      ['another protocol', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${inner}`],
      ['a handshake of TLS', `\u0016\u0003\u0001\u0002\u0000\u0001\u0000${inner}`],
    ])('are refused and the connection ends: %s', async (_name, text) => {
      const answer = await exchange(text);

      expect(statusesIn(answer)).toEqual([400]);
      expect(answer).not.toMatch(/set-cookie/i);
      expect(answer).toMatch(/connection: close/i);
    });

    it('one behind the other are answered one behind the other', async () => {
      const text = await exchange(
        `${LIVE}\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n${LIVE}Connection: close\r\n\r\n`,
      );

      expect(statusesIn(text)).toEqual([200, 404, 200]);
    });

    it('a good one is still answered whole when what follows is no request', async () => {
      const raw = await connection();
      raw.write(`${LIVE}\r\n`);
      await raw.until(/"ok"\}/);
      raw.write('garbage\r\n\r\n');

      const text = await raw.closed;
      expect(statusesIn(text)).toEqual([200, 400]);
      expect(text).toMatch('"code":"not_http"');
    });
  });

  describe('an unusual request', () => {
    it('of HTTP/1.0 is answered and ends', async () => {
      expect(statusesIn(await exchange('GET /health/live HTTP/1.0\r\n\r\n'))).toEqual([200]);
    });

    it('with a whole address in its first line is taken for its path', async () => {
      const first =
        'GET http://elsewhere.example/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

      expect(statusesIn(await exchange(first))).toEqual([200]);
    });

    it.each([
      'OPTIONS * HTTP/1.1',
      'TRACE /health HTTP/1.1',
      'PROPFIND /api/orders HTTP/1.1',
      'QUERY /api/orders HTTP/1.1',
    ])('such as %s is refused without a fault', async (first) => {
      const [status] = statusesIn(await exchange(`${first}\r\nHost: x\r\nConnection: close\r\n\r\n`));

      expect([400, 401, 404, 405]).toContain(status);
    });

    it('to tunnel or to upgrade is not followed', async () => {
      expect(statusesIn(await exchange('CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: x\r\n\r\n'))).toEqual(
        [],
      );
      const upgrade = `${LIVE}Upgrade: h2c\r\nConnection: upgrade, close\r\n\r\n`;
      expect(statusesIn(await exchange(upgrade))).not.toContain(101);
    });

    it('that asks before it sends is told to go on, and its webhook is taken', async () => {
      const body = JSON.stringify({ type: 1, tts_notification_id: 'expect', shop_id: SHOP_ID });
      const before = await hostile.store.notifications.count();
      const raw = await connection();
      raw.write(
        `${WEBHOOK}Authorization: ${sign(body)}\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
      );
      await raw.until(/ 100 Continue/);
      raw.write(body);

      expect(statusesIn(await raw.closed)).toEqual([100, 200]);
      expect(await hostile.store.notifications.count()).toBe(before + 1);
    });

    it('that expects anything else is refused', async () => {
      const text = await exchange(`${LIVE}Expect: a miracle\r\nConnection: close\r\n\r\n`);

      expect(statusesIn(text)).toEqual([417]);
    });

    it('with line breaks in its address puts none of them into an answer', async () => {
      const head = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`;
      for (const path of [
        '/%0d%0aset-cookie:x',
        '/api/orders?q=%0d%0aset-cookie:x',
        '/api/orders/%0d%0aset-cookie:x',
      ])
        expect(await exchange(`GET ${path} HTTP/1.1\r\n${head}`)).not.toMatch(/\nset-cookie/i);
    });
  });

  it('a client that is gone before its answer does no harm', async () => {
    const body = JSON.stringify({ type: 1, tts_notification_id: 'gone', shop_id: SHOP_ID });
    for (let count = 0; count < 20; count += 1) {
      const raw = await connection();
      raw.write(
        `${WEBHOOK}Authorization: ${'0'.repeat(64)}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      raw.socket.resetAndDestroy();
    }

    expect(await isAlive()).toBe(true);
    expect(hostile.logs).toEqual([]);
  });
});

describe('the limits in production', () => {
  it('outlast a load balancer between requests, and end what is slow within a minute', () => {
    expect(SERVER_LIMITS.keepAliveMs).toBeGreaterThan(60_000);
    expect(SERVER_LIMITS.headersMs + SERVER_LIMITS.checkMs).toBeLessThan(60_000);
    expect(SERVER_LIMITS.requestMs + SERVER_LIMITS.checkMs).toBeLessThan(60_000);
  });

  it('are those of the server', async () => {
    const hostile = await openHostile();
    const { server } = hostile.app;

    expect(server).toMatchObject({
      headersTimeout: SERVER_LIMITS.headersMs,
      requestTimeout: SERVER_LIMITS.requestMs,
      keepAliveTimeout: SERVER_LIMITS.keepAliveMs,
      timeout: SERVER_LIMITS.silentMs,
    });
    await hostile.close();
  });
});
