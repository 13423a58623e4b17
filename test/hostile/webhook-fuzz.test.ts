import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ORDER_ID, orderOf } from '../fakes.ts';
import { type Hostile, openHostile, runs, SHOP_ID, sign } from './app.ts';
import { badKeys, badValues, mutated, pollutionWitness } from './hostile-values.ts';

const envelope = {
  type: 1,
  tts_notification_id: '7327112393057371910',
  shop_id: SHOP_ID,
  timestamp: 1_767_225_000,
  data: { order_id: ORDER_ID, order_status: 'AWAITING_SHIPMENT', update_time: 1_767_225_000 },
};
const packages = {
  ...envelope,
  type: 4,
  data: { package_list: [{ order_id_list: [ORDER_ID], package_id: '1' }], update_time: 1_767_225_000 },
};

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);

describe('a webhook of any bytes', () => {
  let hostile: Hostile;

  beforeAll(async () => {
    hostile = await openHostile();
    hostile.channel.put(orderOf());
    process.on('unhandledRejection', onUnhandled);
  });
  afterAll(async () => {
    process.off('unhandledRejection', onUnhandled);
    await hostile.close();
  });
  afterEach(() => {
    expect(unhandled).toEqual([]);
    expect(hostile.faults).toEqual([]);
    expect(pollutionWitness()).toEqual([]);
  });

  /** Sends it signed; every order that it made can be read afterwards. */
  const expectSurvived = async (body: Buffer): Promise<void> => {
    const before = await hostile.store.notifications.count();
    const seen = hostile.dispatched.length;
    const answer = await hostile.deliver(body);
    const stored = (await hostile.store.notifications.count()) - before;

    expect([200, 400, 413]).toContain(answer.statusCode);
    expect(stored).toBeLessThanOrEqual(answer.statusCode === 200 ? 1 : 0);
    if (answer.statusCode === 200) expect(answer.body).toBe('');
    else expect(answer.json().code).toMatch(/^(webhook_unreadable|fst_err_ctp_body_too_large)$/);
    for (const key of hostile.dispatched.slice(seen)) {
      expect(key.orderId).toMatch(/^[\w-]{1,64}$/);
      const shown = await hostile.app.inject({
        url: `/api/orders/${key.orderId}`,
        headers: { authorization: 'Bearer an-admin-token-of-tests' },
      });
      expect(shown.statusCode).toBe(200);
    }
  };

  it('is answered 200 or 400 when it is signed, and never 5xx', async () => {
    expect.hasAssertions();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), (bytes) => expectSurvived(Buffer.from(bytes))),
      runs(150),
    );
  });

  it('cut, flipped, doubled or prefixed bytes of a real one are answered so too', async () => {
    expect.hasAssertions();
    const damage = fc.record({
      at: fc.nat(400),
      bytes: fc.uint8Array({ maxLength: 4 }),
      how: fc.constantFrom('cut', 'flip', 'insert', 'double', 'bom', 'utf16'),
      of: fc.constantFrom(envelope, packages),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, bytes, how, of }) => {
        const body = Buffer.from(JSON.stringify(of));
        const damaged = {
          cut: () => body.subarray(0, at),
          flip: () => Buffer.from(body.map((byte, index) => (index === at ? byte ^ (bytes[0] ?? 1) : byte))),
          insert: () => Buffer.concat([body.subarray(0, at), bytes, body.subarray(at)]),
          double: () => Buffer.concat([body, body]),
          bom: () => Buffer.concat([Buffer.from('\uFEFF'), body]),
          utf16: () => Buffer.from(body.toString(), 'utf16le'),
        }[how]();
        await expectSurvived(damaged);
      }),
      runs(150),
    );
  });

  it('a hostile value or key at any place of a real one is answered so too', async () => {
    expect.hasAssertions();
    await fc.assert(
      fc.asyncProperty(mutated([envelope, packages]), (text) => expectSurvived(Buffer.from(text))),
      runs(500),
    );
  });

  it.each([
    ['microseconds', '1767225000000000'],
    ['the largest safe integer', '9007199254740991'],
    ['a date after year 9999', '253402300800'],
    ['a text of digits', '"999999999999999"'],
  ])('a time in %s does no harm to the order', async (_name, time) => {
    const id = `5${time.replaceAll(/\D/g, '')}`;
    const body = `{"type":1,"tts_notification_id":"t-${id}","shop_id":"${SHOP_ID}","timestamp":${time},"data":{"order_id":"${id}","update_time":${time}}}`;

    expect((await hostile.deliver(body)).statusCode).toBe(200);
    expect(await hostile.store.orders.findByOrderId(id, null)).toMatchObject({ hintUpdatedAtMs: null });
  });

  it.each(['a,b', '../x', 'a b', ' ', '5\n5', '5\u0000', '%00', '\ud800', '5'.repeat(65), '__proto__'])(
    'an order id that TikTok never gives (%j) is stored and makes no order',
    async (orderId) => {
      const body = JSON.stringify({
        ...envelope,
        tts_notification_id: `odd ${orderId}`,
        data: { order_id: orderId },
      });
      const before = (await hostile.store.orders.list({ shopIds: null, limit: 200 })).orders.length;

      expect((await hostile.deliver(body)).statusCode).toBe(200);
      expect((await hostile.store.orders.list({ shopIds: null, limit: 200 })).orders).toHaveLength(before);
    },
  );

  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '1}'],
  ])('10,000 and 40,000 nested %s without an id are stored, once', async (_name, open, close) => {
    for (const depth of [10_000, 40_000]) {
      const inner = close === ']' ? `${open.repeat(depth)}${close.repeat(depth)}` : null;
      const data = inner ?? `${open.repeat(depth)}1${'}'.repeat(depth)}`;
      const body = `{"type":36,"shop_id":"${SHOP_ID}","data":${data}}`;
      const before = await hostile.store.notifications.count();

      expect((await hostile.deliver(body)).statusCode).toBe(200);
      expect((await hostile.deliver(body)).statusCode).toBe(200);
      expect(await hostile.store.notifications.count()).toBe(before + 1);
    }
  });

  it('nested numbers beyond 2^53 are no fault either', async () => {
    const body = `{"type":36,"shop_id":"${SHOP_ID}","data":${'['.repeat(50_000)}12345678901234567890${']'.repeat(50_000)}}`;

    expect([200, 400]).toContain((await hostile.deliver(body)).statusCode);
  });

  it('a time to come does not have its order read for ever', async () => {
    const data = { order_id: '577', update_time: 4_000_000_000 };
    await hostile.deliver(JSON.stringify({ ...envelope, tts_notification_id: 'to come', data }));

    const order = await hostile.store.orders.findByOrderId('577', null);
    expect(order?.hintUpdatedAtMs).toBe(hostile.clock.nowMs());
  });

  it('four times the size takes a few times as long, whatever it is full of', async () => {
    const fillings: ((size: number) => string)[] = [
      (size) => `"${'9'.repeat(size)}"`,
      (size) => `"${' '.repeat(size)}x"`,
      (size) => `[${'1,'.repeat(size / 2)}1]`,
      (size) => `{"order_id":"1",${'"a":1,'.repeat(size / 6)}"b":1}`,
      (size) => '['.repeat(size / 2) + ']'.repeat(size / 2),
      (size) => `[${':12345678901234567,'.replace(':', '').repeat(size / 19)}1]`,
    ];
    for (const [index, fill] of fillings.entries()) {
      const once = async (size: number): Promise<number> => {
        const body = `{"type":36,"tts_notification_id":"size-${index}-${size}","shop_id":"${SHOP_ID}","data":${fill(size)}}`;
        const startedMs = performance.now();
        await hostile.deliver(body);
        return performance.now() - startedMs;
      };
      const best = async (size: number): Promise<number> =>
        Math.min(await once(size), await once(size), await once(size));
      await expect
        .poll(async () => (await best(240_000)) / ((await best(60_000)) + 1), { timeout: 10_000 })
        .toBeLessThan(12);
    }
  });

  describe('without the right signature', () => {
    const wrongSignature = fc.oneof(
      fc.string({ maxLength: 200 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '')),
      fc.stringMatching(/^[0-9a-f]{64}$/),
      fc.stringMatching(/^[0-9A-F]{64}$/),
      fc.stringMatching(/^[0-9a-f]{63,65}$/),
      fc.constantFrom('', ' ', 'Bearer x', 'null', '__proto__', '\u00e9'.repeat(64), 'f'.repeat(15_000)),
    );

    it('nothing is stored and the answer is empty, whatever is in the header and the body', async () => {
      await fc.assert(
        fc.asyncProperty(
          wrongSignature,
          fc.oneof(fc.constant(JSON.stringify(envelope)), mutated([envelope]), fc.string()),
          async (authorization, body) => {
            const before = await hostile.store.notifications.count();
            const answer = await hostile.deliver(body, { authorization });

            expect([401, 429]).toContain(answer.statusCode);
            expect(answer.body).toBe('');
            expect(await hostile.store.notifications.count()).toBe(before);
          },
        ),
        runs(200),
      );
    });

    it('one changed digit, another case, a piece or two of them are all wrong', async () => {
      const body = JSON.stringify({ ...envelope, tts_notification_id: 'never' });
      const right = sign(body);
      const changed = Array.from(right, (digit, at) =>
        [right.slice(0, at), digit === '0' ? '1' : '0', right.slice(at + 1)].join(''),
      );
      const wrong = [...changed, right.toUpperCase(), right.slice(1), `${right}0`, `${right},${right}`];
      const before = await hostile.store.notifications.count();

      for (const authorization of wrong) {
        expect([401, 429]).toContain((await hostile.deliver(body, { authorization })).statusCode);
      }
      expect(await hostile.store.notifications.count()).toBe(before);
    });

    it('blanks around the right one are no part of it', async () => {
      const body = JSON.stringify({ ...envelope, tts_notification_id: 'blanks' });

      expect((await hostile.deliver(body, { authorization: `  ${sign(body)}\t` })).statusCode).toBe(200);
    });
  });

  it('the bytes count, however the content type is spelled', async () => {
    const types = ['', ' ', ';', 'json', 'application/json;', 'text/plain;;=', '\t', 'a/b/c', '*/*', 'é/x'];
    for (const [index, type] of types.entries()) {
      const body = JSON.stringify({ ...envelope, tts_notification_id: `type-${index}` });
      const answer = await hostile.deliver(body, { authorization: sign(body), 'content-type': type });

      expect([type, answer.statusCode]).toEqual([type, 200]);
    }
  });

  it.each(badKeys)('the key %s changes nothing but its own object', async (key) => {
    for (const value of badValues.slice(0, 6)) {
      const body = `{"type":1,"shop_id":"${SHOP_ID}",${JSON.stringify(key)}:{"isPolluted":${value}},"data":{${JSON.stringify(key)}:{"isPolluted":true}}}`;
      await hostile.deliver(body);
    }
    expect(pollutionWitness()).toEqual([]);
  });
});
