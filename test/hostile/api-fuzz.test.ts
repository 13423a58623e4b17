import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY, ORDER_ID, orderOf } from '../fakes.ts';
import { type Hostile, openHostile, runs, TOKEN } from './app.ts';
import { badValues, mutated, pollutionWitness } from './hostile-values.ts';

type Sent = {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers?: Record<string, string>;
  payload?: string;
};

/** What no answer may hold: a stack, a path of the machine, a statement. */
const INSIDE =
  /\n\s+at |node_modules|\/src\/|file:\/\/|\b(?:select|insert|update|delete)\b.+\b(?:from|into|set)\b|SQLITE|sqlite/i;

describe('the operators’ API', () => {
  let hostile: Hostile;
  let count = 0;

  beforeAll(async () => {
    hostile = await openHostile();
    hostile.channel.put(orderOf({ recipient: null }));
    await hostile.hint();
    await hostile.converge();
  });
  afterAll(() => hostile.close());

  /** Never 5xx; what is refused says why, in one form, and nothing of the inside. */
  const expectDecent = async (sent: Sent) => {
    count += 1;
    const answer = await hostile.app.inject({
      ...sent,
      // Many runs are more than one address may send.
      remoteAddress: `10.0.${Math.floor(count / 1_000) % 256}.1`,
      headers: { authorization: `Bearer ${TOKEN}`, ...sent.headers },
    });
    expect([sent.url, answer.statusCode]).toEqual([sent.url, expect.any(Number)]);
    expect(answer.statusCode).toBeLessThan(500);
    if (answer.statusCode >= 400) {
      expect(answer.headers['content-type']).toMatch('application/problem+json');
      expect(answer.json()).toMatchObject({
        status: answer.statusCode,
        code: expect.stringMatching(/^[a-z_]+$/),
        title: expect.any(String),
        detail: expect.any(String),
      });
      expect(answer.body).not.toMatch(INSIDE);
      if (answer.json().code === 'invalid_request')
        expect(answer.json().errors).toContainEqual(expect.stringMatching(/^[\w.]+: /));
    }
    expect(hostile.faults).toEqual([]);
    expect(hostile.logs.filter((line) => line.includes('internal_error'))).toEqual([]);
    expect(pollutionWitness()).toEqual([]);
    return answer;
  };

  const oddText = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '%00',
      '..',
      '../..',
      '%2e%2e%2f',
      '%zz',
      '%',
      '__proto__',
      'constructor',
      ORDER_ID,
      '\u202e',
      '\r\nx: y',
      'x'.repeat(99),
      'x'.repeat(101),
      'x'.repeat(5_000),
      "' or 1=1 --",
      '//',
      '?',
      '#',
      ';',
      '*',
      '\ud800',
    ),
  );
  const wellFormed = (text: string): string => encodeURIComponent(text.toWellFormed());
  const anyPart = fc.oneof(oddText.map(wellFormed), fc.stringMatching(/^[!-~]*$/));
  const action = fc.constantFrom('', '/retry', '/cancel', '/resolve', '/nothing');

  it('answers any id of an order, raw or encoded, with 404 or 400 and not with a fault', async () => {
    expect.hasAssertions();
    await fc.assert(
      fc.asyncProperty(anyPart, action, async (part, then) => {
        const url = `/api/orders/${part}${then}`;
        await expectDecent({ method: 'GET', url });
        await expectDecent({
          method: 'POST',
          url,
          payload: '{}',
          headers: { 'content-type': 'application/json' },
        });
      }),
      runs(150),
    );
  });

  it('answers any query of the list, and any cursor', async () => {
    expect.hasAssertions();
    const name = fc.constantFrom('stage', 'reason', 'q', 'cursor', 'limit', 'limit[]', '__proto__', 'only');
    const tampered = fc
      .tuple(fc.nat(), fc.bigInt({ min: 0n, max: 10n ** 20n }), oddText)
      .map(([id, deadline, more]) => Buffer.from(`${deadline}.${id}${more}`).toString('base64url'));
    const value = fc.oneof(anyPart, tampered, fc.constantFrom('review', '-1', '1e9', 'NaN', '200', '0x10'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 4 }), async (pairs) => {
        const query = pairs.map(([key, text]) => `${key}=${text}`).join('&');
        await expectDecent({ method: 'GET', url: `/api/orders?${query}` });
        await expectDecent({ method: 'GET', url: `/api/sku-map/report?${query}` });
        await expectDecent({ method: 'POST', url: `/reconcile?${query}` });
      }),
      runs(200),
    );
  });

  it.each([
    '',
    '0.0',
    '9007199254740991.9007199254740991',
    '9999999999999999.9999999999999999',
    '-1.-1',
    '1.1.1',
  ])('a cursor that says %j is a page or a 400', async (text) => {
    expect.hasAssertions();
    const cursor = Buffer.from(text).toString('base64url');
    for (const stage of ['', '&stage=review'])
      await expectDecent({ method: 'GET', url: `/api/orders?cursor=${cursor}${stage}` });
  });

  const bodies = {
    '/retry': {
      address: { name: 'A', line1: 'B', city: 'C', state: 'IL' },
      sku: [{ channelSku: 'A', amazonSku: 'B', quantity: 1 }],
    },
    '/cancel': { reason: 'seller_cancel_reason_out_of_stock', keepOrder: true },
    '/resolve': { note: 'done by hand' },
  };
  const contentType = fc.constantFrom(
    'application/json',
    'application/json; charset=utf-16',
    'text/plain',
    'text/csv',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/problem+json',
    'nonsense',
  );

  it.each(Object.entries(bodies))('answers any body of an order’s %s', async (then, sample) => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(mutated([sample]), mutated([sample]), fc.string()),
        contentType,
        async (payload, type) => {
          await expectDecent({
            method: 'POST',
            url: `/api/orders/${ORDER_ID}${then}`,
            payload,
            headers: { 'content-type': type },
          });
          // Whatever was taken can be shown.
          expect((await expectDecent({ method: 'GET', url: `/api/orders/${ORDER_ID}` })).statusCode).toBe(
            200,
          );
        },
      ),
      runs(80),
    );
    expect((await hostile.store.orders.get(KEY))?.key).toEqual(KEY);
  });

  it('answers any body of the retry by reason', async () => {
    expect.hasAssertions();
    await fc.assert(
      fc.asyncProperty(mutated([{ reason: 'address_masked' }]), contentType, async (payload, type) => {
        await expectDecent({
          method: 'POST',
          url: '/api/orders/retry',
          payload,
          headers: { 'content-type': type },
        });
      }),
      runs(80),
    );
  });

  describe('PUT /api/sku-map', () => {
    const entries = [
      { shopId: 'shop-1', channelSku: 'SET', components: [{ amazonSku: 'X', quantity: 2 }] },
      { shopId: null, channelSku: 'A', components: [{ amazonSku: 'Y', quantity: 1 }] },
    ];
    const csvText = 'shop_id,channel_sku,amazon_sku,quantity\r\nshop-1,SET,X,2\r\n,A,Y,1\r\n';
    const map = async () => (await expectDecent({ method: 'GET', url: '/api/sku-map' })).json();
    const put = (payload: string, type: string) =>
      expectDecent({ method: 'PUT', url: '/api/sku-map', payload, headers: { 'content-type': type } });
    /** What is refused changed nothing; what is taken is what is shown, and can be put again. */
    const expectWholeOrNothing = async (payload: string, type: string): Promise<void> => {
      await put(JSON.stringify({ entries }), 'application/json');
      const answer = await put(payload, type);

      if (answer.statusCode === 200) {
        expect(await map()).toEqual(answer.json());
        expect((await put(JSON.stringify(answer.json()), 'application/json')).json()).toEqual(answer.json());
      } else {
        expect(await map()).toEqual({ entries });
        expect(hostile.skuMap.entries()).toEqual(entries);
        expect(await hostile.store.skuMap.all()).toEqual(entries);
      }
    };

    it('takes a whole JSON map or changes nothing', async () => {
      expect.hasAssertions();
      await fc.assert(
        fc.asyncProperty(mutated([{ entries }]), (text) => expectWholeOrNothing(text, 'application/json')),
        runs(250),
      );
    });

    it('takes a whole CSV map or changes nothing', async () => {
      expect.hasAssertions();
      const piece = fc.constantFrom(
        ',',
        '"',
        '\r\n',
        '\n',
        '\r',
        'A',
        'X',
        '1',
        '2',
        ' ',
        "'",
        '=1+1',
        '\u0000',
        '\uFEFF',
        'é',
      );
      const csv = fc.oneof(
        fc.array(piece, { maxLength: 40 }).map((pieces) => csvText + pieces.join('')),
        fc
          .tuple(fc.nat(csvText.length), piece)
          .map(([at, text]) => csvText.slice(0, at) + text + csvText.slice(at)),
        fc
          .tuple(fc.nat(csvText.length), fc.nat(20))
          .map(([at, size]) => csvText.slice(0, at) + csvText.slice(at + size)),
        fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
      );
      await fc.assert(
        fc.asyncProperty(csv, contentType, (text, type) => expectWholeOrNothing(text, type)),
        runs(250),
      );
    });

    it.each(badValues)('has no fault for a body of %s', async (text) => {
      expect.hasAssertions();
      await expectWholeOrNothing(text, 'application/json');
    });

    it('gives CSV that reads back as the same map', async () => {
      const odd = ['=1+1', '+x', '-5', '@SUM', "'=x", '"', 'a,b', 'x\r\ny', '\u00e9', '00042', 'a\u0000b'];
      const given = {
        entries: odd.map((sku) => ({
          shopId: null,
          channelSku: sku,
          components: [{ amazonSku: sku, quantity: 1 }],
        })),
      };
      await put(JSON.stringify(given), 'application/json');
      const csv = await expectDecent({ method: 'GET', url: '/api/sku-map', headers: { accept: 'text/csv' } });

      expect(csv.body.split(/[,\r\n]/).filter((cell) => /^"?[=+\-@]/.test(cell))).toEqual([]);
      expect((await put(csv.body, 'text/csv')).json()).toEqual(given);
    });

    it('takes 100,000 rows, and four times the rows take a few times as long', async () => {
      const rows = (count: number): string =>
        `shop_id,channel_sku,amazon_sku,quantity\n${Array.from({ length: count }, (_, index) => `,SKU-${index},AMZ-${index},1`).join('\n')}`;
      const timed = async (count: number): Promise<number> => {
        const text = rows(count);
        const startedMs = performance.now();
        expect((await put(text, 'text/csv')).statusCode).toBe(200);
        return performance.now() - startedMs;
      };
      await timed(25_000);
      await expect
        .poll(async () => (await timed(100_000)) / (await timed(25_000)), { timeout: 15_000 })
        .toBeLessThan(16);
    });
  });

  it.each(['/api/orders', '/api/nothing', '/metrics', '/%zz', `/api/orders/${'x'.repeat(101)}`])(
    'GET %s without the token says nothing of what there is',
    async (url) => {
      const answer = await hostile.app.inject({ url });

      expect([400, 401, 404, 414]).toContain(answer.statusCode);
      expect(answer.headers['content-type']).toMatch('application/problem+json');
      expect(answer.body).not.toContain('x'.repeat(101));
      expect(answer.body).not.toContain('%zz');
    },
  );
});
