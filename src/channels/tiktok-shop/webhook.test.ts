import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from './fixtures/signature-vectors.json' with { type: 'json' };
import webhooks from './fixtures/webhooks.json' with { type: 'json' };
import { webhookSigner } from './signing.ts';
import { createWebhookReader } from './webhook.ts';

const APP_KEY = '6examplekey1';
const SECRET = '0123456789abcdef0123456789abcdef01234567';
const SHOP_ID = '7494049642642441621';
const ORDER_ID = '576900000000000101';
const reader = createWebhookReader({ appKey: APP_KEY, secrets: ['retired-secret', SECRET] });

const bytes = (body: unknown): Uint8Array =>
  new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));

const readOk = (body: unknown) => {
  const result = reader.read(bytes(body));
  if (!result.ok) throw new Error(result.problem);
  return result.value;
};

describe('verify', () => {
  test.each(vectors.webhook)('a genuine delivery passes: $name', (vector) => {
    expect(reader.verify(bytes(vector.raw_body), vector.expected_authorization_header)).toBe(true);
    expect(reader.verify(bytes(vector.raw_body), ` ${vector.expected_authorization_header}\n`)).toBe(true);
  });

  test('every configured secret verifies, in any position', () => {
    const signature = webhookSigner(APP_KEY, 'retired-secret')(bytes('{}'));

    expect(reader.verify(bytes('{}'), signature)).toBe(true);
  });

  test('a missing, short, prefixed or uppercase header does not pass', () => {
    const signature = webhookSigner(APP_KEY, SECRET)(bytes('{}'));

    for (const header of [
      undefined,
      '',
      signature.slice(1),
      `Bearer ${signature}`,
      signature.toUpperCase(),
      `${signature}0`,
    ])
      expect(reader.verify(bytes('{}'), header)).toBe(false);
  });

  test('a reader without secrets accepts nothing', () => {
    const none = createWebhookReader({ appKey: APP_KEY, secrets: [] });

    expect(none.verify(bytes('{}'), webhookSigner(APP_KEY, '')(bytes('{}')))).toBe(false);
  });

  test('one changed byte of the body makes the signature wrong', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (body, position, flip) => {
          const signature = webhookSigner(APP_KEY, SECRET)(body);
          const changed = Uint8Array.from(body);
          changed[position % body.length] = (changed[position % body.length] ?? 0) ^ flip;

          expect(reader.verify(body, signature)).toBe(true);
          expect(reader.verify(changed, signature)).toBe(false);
        },
      ),
    );
  });
});

describe('read', () => {
  test.each([
    ['1_ORDER_STATUS_CHANGE', 1_764_003_600_000],
    ['3_RECIPIENT_ADDRESS_UPDATE', 1_764_003_700_000],
    ['4_PACKAGE_UPDATE', 1_764_003_800_000],
    ['11_CANCELLATION_STATUS_CHANGE', null],
    ['12_RETURN_STATUS_CHANGE', 1_764_600_000_000],
  ] as const)('%s names its order and the time of the change', (name, updatedAtMs) => {
    const notification = readOk(webhooks[name]);

    expect(notification.orders).toEqual([{ orderId: ORDER_ID, updatedAtMs }]);
    expect(notification.shopId).toBe(SHOP_ID);
    expect(notification.body).toBe(JSON.stringify(webhooks[name]));
    expect(notification.isAboutReturns).toBe(name === '12_RETURN_STATUS_CHANGE');
  });

  test('the legacy reverse topic names its order too', () => {
    expect(readOk({ type: 2, data: { order_id: ORDER_ID } }).orders).toEqual([
      { orderId: ORDER_ID, updatedAtMs: null },
    ]);
  });

  test('the key is the shop and the id of the notification', () => {
    const notification = readOk(webhooks['1_ORDER_STATUS_CHANGE']);

    expect(notification.dedupeKey).toBe(`${SHOP_ID}/7327112393057371910`);
    expect(notification.sentAtMs).toBe(1_764_003_600_000);
  });

  test('without an id the key is a hash of type, shop and data, so a repeat has the same key', () => {
    const body = webhooks['3_RECIPIENT_ADDRESS_UPDATE'];

    const first = readOk(body).dedupeKey;

    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(readOk({ ...body, timestamp: 1 }).dedupeKey).toBe(first);
    expect(readOk({ ...body, type: 1 }).dedupeKey).not.toBe(first);
    expect(readOk({ ...body, shop_id: '1' }).dedupeKey).not.toBe(first);
    expect(readOk({ ...body, data: { order_id: '1' } }).dedupeKey).not.toBe(first);
    expect(readOk({ type: 3 }).dedupeKey).not.toBe(readOk({ type: 4 }).dedupeKey);
  });

  test('a seller-level topic is keyed by the seller', () => {
    const name = '35_TOKOPEDIA_MIRROR_STATUS_CHANGE_(envelope_without_shop_id)';

    const notification = readOk(webhooks[name]);

    expect(notification).toMatchObject({
      shopId: 'ExampleSellerOpenId0001',
      dedupeKey: 'ExampleSellerOpenId0001/7327112393057371925',
      orders: [],
      body: null,
    });
  });

  test('ids sent as bare 64-bit numbers keep every digit', () => {
    const body = `{"type":"1","tts_notification_id":7327112393057371910,"shop_id":${SHOP_ID},"data":{"order_id":${ORDER_ID}}}`;

    expect(readOk(body)).toMatchObject({
      type: 1,
      dedupeKey: `${SHOP_ID}/7327112393057371910`,
      orders: [{ orderId: ORDER_ID, updatedAtMs: null }],
    });
  });

  test('a package of several orders names each once', () => {
    const data = {
      package_list: [{ order_id_list: ['1', '2'] }, { order_id_list: ['2', 3, ''] }, { order_id_list: null }],
    };

    expect(readOk({ type: 4, data }).orders.map((order) => order.orderId)).toEqual(['1', '2', '3']);
  });

  test.each([
    { type: 1 },
    { type: 1, data: null },
    { type: 1, data: 'x' },
    { type: 1, data: { order_id: null } },
    { type: 4, data: 'x' },
    { type: 4, data: { package_list: {} } },
    { type: 99, data: { order_id: '1' }, timestamp: 'soon' },
  ])('a topic without a readable order is read, with no orders: %j', (body) => {
    expect(readOk(body).orders).toEqual([]);
  });

  test('only topics without a person in them may be kept', () => {
    const kept = Array.from({ length: 60 }, (_, type) => type).filter(
      (type) => readOk({ type }).body !== null,
    );

    expect(kept).toEqual([1, 2, 3, 4, 5, 6, 7, 11, 12, 15, 16, 18, 27, 36, 37]);
  });

  test.each(['', '{', 'null', '[]', '1', '{}', '{"type":"x"}', '{"type":1.5}', '{"type":null}'])(
    'the unreadable body %j is a problem, not a fault',
    (body) => {
      expect(reader.read(bytes(body)).ok).toBe(false);
    },
  );

  test('bytes that are not UTF-8 are a problem', () => {
    expect(reader.read(Uint8Array.from([0x7b, 0xff, 0x7d])).ok).toBe(false);
  });

  test('no body and no JSON makes it throw', () => {
    fc.assert(fc.property(fc.uint8Array(), (body) => typeof reader.read(body).ok === 'boolean'));
    fc.assert(fc.property(fc.json(), (body) => typeof reader.read(bytes(body)).ok === 'boolean'));

    expect(reader.read(bytes('{"type":1,"data":[]}')).ok).toBe(true);
  });
});
