import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AT_RISK_MS } from '../../src/orders/deadlines.ts';
import { createHeldClock, type HeldClock } from '../held-clock.ts';
import { startWorld, type World } from './world.ts';

const MINUTE_MS = 60_000;
const SECRET_PATH = '/services/T0/B0/secret-part';
const BUYER = {
  name: 'Zebedee Quillfeather',
  addressLine1: '77 Marmalade Crescent',
  phone: '(+1)2175550199',
};

describe('alerts, over HTTP', () => {
  let clock: HeldClock;
  let slack: Server;
  let messages: string[];
  let answer: number;
  let world: World;

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    if (answer === 200) messages.push((JSON.parse(body) as { text: string }).text);
    response.writeHead(answer).end('ok');
  };

  beforeEach(async () => {
    messages = [];
    answer = 200;
    slack = createServer((request, response) => {
      void take(request, response);
    }).listen(0, '127.0.0.1');
    await once(slack, 'listening');
    clock = createHeldClock();
    const url = `http://127.0.0.1:${(slack.address() as AddressInfo).port}${SECRET_PATH}`;
    world = await startWorld({ clock, env: { ALERT_WEBHOOK_URL: url } });
    world.amazon.addSku('MUG', 50);
    world.tiktok.addProduct({ skus: ['MUG', 'TEE'].map((sellerSku) => ({ sellerSku, stock: 30 })) });
  });

  afterEach(async () => {
    await world.close();
    slack.close();
    for (const said of messages)
      for (const part of ['Quillfeather', 'Marmalade', '2175550199']) expect(said).not.toContain(part);
    expect(world.logs.join('\n')).not.toContain('secret-part');
  });

  /** One round, ended when this is. Answers what it said. */
  const round = async (): Promise<string[]> => {
    await world.service.service.alerts?.round();
    return messages.splice(0);
  };
  /** Lets minutes pass, in each of which there is a round, until an expectation holds. */
  const minutesUntil = (expectation: () => void) =>
    vi.waitFor(async () => {
      await clock.advance(MINUTE_MS);
      expectation();
    });
  const place = (order: Partial<Parameters<World['tiktok']['placeOrder']>[0]> = {}): string =>
    world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true, address: BUYER, ...order }).orderId;
  const arrives = (orderId: string, reason: string) =>
    vi.waitFor(async () => expect(await world.order(orderId)).toMatchObject({ reason }));

  it('an order with a masked address is told of within a minute of the clock', async () => {
    const orderId = place({ address: { ...BUYER, addressLine1: '77 Marm***' } });
    await arrives(orderId, 'address_masked');

    await clock.advance(MINUTE_MS);

    await vi.waitFor(() => expect(messages).toHaveLength(1));
    expect(messages[0]).toContain('In review: Address masked');
    expect(messages[0]).toContain(`1 order: ${orderId}`);
  });

  it('ten orders with the same fault are one message with a count, and its mending is one more', async () => {
    const orderIds = Array.from({ length: 10 }, () => place({ lines: [{ sku: 'TEE' }] }));
    await Promise.all(orderIds.map((orderId) => arrives(orderId, 'sku_unknown')));

    const [told, ...more] = await round();
    expect(more).toEqual([]);
    expect(told).toContain('10 orders, among them ');
    expect(await round()).toEqual([]);

    const entries = [{ shopId: null, channelSku: 'TEE', components: [{ amazonSku: 'MUG', quantity: 1 }] }];
    expect(await world.api('PUT', '/api/sku-map', { entries })).toMatchObject({ status: 200 });
    await vi.waitFor(async () => {
      await clock.advance(1000);
      expect(world.amazon.creates).toHaveLength(10);
    });
    await Promise.all(orderIds.map((orderId) => arrives(orderId, 'at_amazon')));

    expect(await round()).toEqual([expect.stringMatching(/\[RECOVERED\] In review: /)]);
    expect(await round()).toEqual([]);
  });

  it('revoked credentials at Amazon are told once, over a restart too, and so is their end', async () => {
    world.amazon.revoke();
    await arrives(place(), 'credentials_refused');

    expect(await round()).toEqual([expect.stringContaining('[CRITICAL] amazon-mcf is stopped')]);
    expect(await round()).toEqual([]);
    await world.restart();
    expect(await round()).toEqual([]);

    world.amazon.restore();
    await world.reconcile();
    expect(await round()).toEqual([expect.stringContaining('[RECOVERED] amazon-mcf is stopped')]);
  });

  it('what the other end did not take is told again, and the log names it without its URL', async () => {
    await arrives(place({ address: { state: 'Nowhereland' } }), 'address_invalid');
    answer = 500;
    expect(await round()).toEqual([]);

    answer = 200;
    expect(await round()).toEqual([expect.stringContaining('In review: Address invalid')]);
    expect(world.logs.join('\n')).toContain('alert not delivered');
  });

  it('a warning in TikTok’s answer to a report is an alert', async () => {
    const orderId = place();
    await arrives(orderId, 'at_amazon');
    world.tiktok.warnNextShip('The number looks unusual.');
    const items = [{ sku: 'MUG', quantity: 1 }];
    world.amazon.addParcel(`TTS-${orderId}`, { items, carrier: 'UPS', tracking: '1Z50V7420354708051' });
    await world.reconcile('tracking');

    expect(await round()).toEqual([expect.stringMatching(new RegExp(`1 parcel, newest orders: ${orderId}`))]);
  });

  it('an order is told of before its deadline is missed, and when it is', async () => {
    const orderId = place({ address: { ...BUYER, addressLine1: '77 Marm***' } });
    await arrives(orderId, 'address_masked');
    await round();
    const { shipBy } = (await world.api('GET', `/api/orders/${orderId}`)).body as { shipBy: string };
    const leftMs = Date.parse(shipBy) - clock.nowMs();

    await clock.advance(leftMs - AT_RISK_MS);
    await minutesUntil(() => expect(messages.join()).toContain('[WARNING] Deadline at risk'));
    expect(messages.join()).not.toContain('Deadline missed');
    await clock.advance(AT_RISK_MS);
    await minutesUntil(() => expect(messages.join()).toContain('[CRITICAL] Deadline missed'));
  });
});
