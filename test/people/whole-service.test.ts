import { afterEach, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../e2e/world.ts';

let world: World;
afterEach(() => world.close());

/** As a person with nothing but a name and a password. */
const openBrowser = async (name: string, password: string) => {
  const signedIn = await fetch(`${world.service.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  });
  const { csrfToken } = (await signedIn.json()) as { csrfToken: string };
  const [cookie = ''] = signedIn.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
  return (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    fetch(`${world.service.url}${path}`, {
      method,
      headers: {
        cookie,
        'x-csrf-token': csrfToken,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
};

describe('the whole service', () => {
  it('names the person behind a change, in the order’s timeline and in the audit log, also after a restart', async () => {
    world = await startWorld();
    const shopId = world.tiktok.shop.id;
    const password = 'correct horse battery';
    const added = await world.api('POST', '/api/users', {
      name: 'ann@example.com',
      role: 'operator',
      shopIds: [shopId],
      password,
    });
    expect(added).toMatchObject({ status: 201, body: { role: 'operator', shopIds: [shopId] } });
    world.tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 30 }] });
    const { orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }] });
    await world.reconcile();
    await world.restart();
    const ann = await openBrowser('Ann@Example.com', password);

    const forged = await ann(
      'POST',
      `/api/orders/${orderId}/resolve`,
      { note: 'forged' },
      { 'x-csrf-token': '' },
    );
    const done = await ann('POST', `/api/orders/${orderId}/resolve`, { note: 'sold elsewhere' });
    const refused = await ann('GET', '/api/audit');

    expect([forged.status, done.status, refused.status]).toEqual([403, 200, 403]);
    const { timeline } = await world.order(orderId);
    expect(timeline.filter(({ event }) => event === 'operator_resolve')).toMatchObject([
      { detail: 'by ann@example.com: sold elsewhere' },
    ]);
    const { body } = await world.api('GET', `/api/audit?target=${orderId}`);
    expect(body).toMatchObject({
      entries: [{ who: 'ann@example.com', action: 'order.resolve', target: orderId, shopId }],
      nextCursor: null,
    });
    expect(JSON.stringify([body, world.logs])).not.toContain(password);
  });
});
