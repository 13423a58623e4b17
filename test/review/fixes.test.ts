import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { becomes, liveAtAmazon, sentBody, unitsSent } from '../e2e/lives.ts';
import { closeDesk, type Desk, deeds, fieldsOf, openDesk, type Person } from './desk.ts';

describe('fixing an order where it stands in the queue', { timeout: 30_000 }, () => {
  let desk: Desk;
  let operator: Person;

  beforeEach(async () => {
    desk = await openDesk();
    operator = await desk.person('operator');
  });
  afterEach(() => closeDesk(desk));

  const address = (orderId: string): string => `/console/review/${orderId}/address`;
  const preview = async (orderId: string, fields: Record<string, string>) =>
    operator.post(address(orderId), { ...fields, step: 'preview' }, { isFragment: true });

  it('a masked name: only it is asked for, and Amazon gets what the preview showed', async () => {
    const orderId = await desk.masked();

    const opened = await operator.get(address(orderId), { 'hx-request': 'true' });
    expect(opened).toMatchObject({ status: 200 });
    expect(opened.headers.get('cache-control')).toBe('no-store');
    expect(Object.keys(fieldsOf(opened.text)).sort()).toEqual(['_csrf', 'name']);

    const shown = await preview(orderId, { name: '  Jane   Exämple ' });
    const { seal = '', name = '' } = fieldsOf(shown.text);
    expect(desk.amazon.creates).toHaveLength(0);

    const sent = await operator.post(address(orderId), { name, seal, step: 'send' }, { isFragment: true });
    expect(sent.text).toContain('Done.');
    expect(sent.headers.get('hx-retarget')).toBe(`#item-${orderId}`);
    expect(sent.text).toMatch(/id="review-count" hx-swap-oob="true"\s+hidden/);
    await becomes(desk, orderId, { stage: 'fulfilling' });
    for (const value of Object.values(sentBody(desk, 0).destinationAddress))
      expect(shown.text).toContain(value);
    expect(sentBody(desk, 0).destinationAddress.name).toBe(/<ins>(Jane[^<]*)<\/ins>/.exec(shown.text)?.[1]);
    const { timeline } = await desk.order(orderId);
    expect(timeline.find(({ event }) => event === 'operator_retry')?.detail).toBe(
      'by operator-1, was address_masked; address corrected: name',
    );
  });

  it('what was changed after the preview is not sent before it was looked at', async () => {
    const orderId = await desk.masked();
    const { seal = '' } = fieldsOf((await preview(orderId, { name: 'Jane Example' })).text);

    const sent = await operator.post(address(orderId), { name: 'Jim Other', seal, step: 'send' });
    expect(sent.text).toContain('This is not what you looked at');
    expect(sent.text).toContain('<ins>Jim Other</ins>');
    expect(desk.amazon.creates).toHaveLength(0);
    expect(await desk.order(orderId)).toMatchObject({ stage: 'review' });

    const { seal: second = '' } = fieldsOf(sent.text);
    await operator.post(address(orderId), { name: 'Jim Other', seal: second, step: 'send' });
    await becomes(desk, orderId, { stage: 'fulfilling' });
    expect(sentBody(desk, 0).destinationAddress.name).toBe('Jim Other');
  });

  it('a correction that is still wrong is told with its part, and cannot be sent', async () => {
    const orderId = await desk.masked();
    const shown = await preview(orderId, { name: 'Still * hidden' });

    expect(shown.text).toContain('The recipient’s name is hidden by the channel');
    expect(shown.text).not.toContain('value="send"');
    await operator.post(address(orderId), { name: 'Still * hidden', seal: '', step: 'send' });
    expect(desk.amazon.creates).toHaveLength(0);
  });

  it('an address that TikTok does not show now is told in words, and nothing is sent', async () => {
    const orderId = await desk.masked();
    desk.tiktok.faults.next('orders.detail', 'reset-before');
    const opened = await operator.get(address(orderId), { 'hx-request': 'true' });

    expect(opened.status).toBe(200);
    expect(opened.text).toContain('The address could not be read');
    expect(desk.amazon.creates).toHaveLength(0);
  });

  it('every look is in the audit log with who looked, and no page of the queue holds the address', async () => {
    const orderId = await desk.masked();
    const before = await operator.get('/console/review');
    await operator.get(address(orderId));
    const after = await operator.get('/console/review');

    expect(await deeds(desk, 'address.look')).toEqual([{ who: 'operator-1', target: orderId }]);
    for (const { text } of [before, after]) expect(text).not.toContain('J*** E******');
  });

  it('one row for an unmapped SKU lets all orders with it go', async () => {
    const first = await desk.unmapped();
    const second = await desk.unmapped();
    const opened = await operator.get(`/console/review/${first}/sku`, { 'hx-request': 'true' });
    expect(fieldsOf(opened.text)).toMatchObject({ channelSku: 'HAT' });

    const sent = await operator.post(
      `/console/review/${first}/sku`,
      { channelSku: 'HAT', amazonSku: 'HAT', quantity: '1' },
      { isFragment: true },
    );
    expect(sent.text).toContain('Done.');
    await becomes(desk, first, { stage: 'fulfilling' });
    await becomes(desk, second, { stage: 'fulfilling' });
    expect(liveAtAmazon(desk).sort()).toEqual([`TTS-${first}`, `TTS-${second}`].sort());
    expect(await deeds(desk, 'order.map_sku')).toEqual([{ who: 'operator-1', target: first }]);
  });

  it('a bundle is mapped with all its parts, and what does not belong in a map changes nothing', async () => {
    const orderId = await desk.unmapped('SET');
    const path = `/console/review/${orderId}/sku`;
    const bundle = (quantity: string) => ({
      channelSku: 'SET',
      amazonSku: 'MUG',
      quantity: '2',
      partSku: ['HAT', ''],
      partQuantity: [quantity, '1'],
    });

    const refused = await operator.post(path, bundle('0'), { isFragment: true });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('quantity must be at least 1');
    expect(desk.amazon.creates).toHaveLength(0);

    await operator.post(path, bundle('3'));
    await becomes(desk, orderId, { stage: 'fulfilling' });
    expect(unitsSent(desk, 0)).toEqual({ MUG: 2, HAT: 3 });
  });

  it('a closed order can be opened again where it was closed', async () => {
    const orderId = await desk.masked();
    const path = `/console/review/${orderId}`;
    expect((await operator.post(`${path}/resolve`, { note: ' ' })).status).toBe(400);
    const closed = await operator.post(`${path}/resolve`, { note: 'shipped by hand' }, { isFragment: true });
    expect(closed.text).toContain(`${path}/reopen`);
    await becomes(desk, orderId, { reason: 'resolved' });
    expect((await operator.get('/console/review')).text).not.toContain(`item-${orderId}`);

    const { location } = await operator.post(`${path}/reopen`);
    expect(location).toBe('/console/review');
    await becomes(desk, orderId, { stage: 'review', reason: 'address_masked' });
    const back = await operator.post(`${path}/resolve`, { note: 'again' });
    expect(back.location).toBe(`/console/review?closed=${orderId}`);
    expect((await operator.get(back.location ?? '')).text).toContain(`${path}/reopen`);
  });

  it('shows what Amazon has of what an order needs', async () => {
    const orderId = await desk.masked();
    await desk.reconcile('inventory');
    const { text } = await operator.get(`/console/review/${orderId}/stock`);
    expect(text).toMatch(/MUG<[^]*data-title="Needed"[^>]*>1<[^]*data-title="Amazon can ship"[^>]*>50</);
  });

  it('trying again in place says that it is still wrong, and why', async () => {
    const orderId = await desk.masked();
    const tried = await operator.post(`/console/review/${orderId}/retry`, {}, { isFragment: true });
    expect(tried.text).toContain('Still in review. The order is now review: Address masked.');
    expect(tried.text).toContain(`id="item-${orderId}"`);
  });

  it('a queue that is open is told of orders that came after it, and keeps what is open', async () => {
    const first = await desk.masked();
    const page = await operator.get('/console/review');
    const [, href = ''] = /hx-get="(\/console\/review\/news[^"]*)"/.exec(page.text) ?? [];
    const path = href.replaceAll('&amp;', '&');
    expect((await operator.get(path)).text).not.toContain('waits');

    const second = await desk.unmapped();
    const news = await operator.get(path);
    expect(news.text).toContain('Another order waits');
    expect(news.text).toMatch(/id="review-count"[^>]*>2</);
    for (const orderId of [first, second]) expect(news.text).not.toContain(`item-${orderId}`);
  });

  it('a viewer sees the queue without a form, may not open a fix, and may send none', async () => {
    const masked = await desk.masked();
    const unmapped = await desk.unmapped();
    const viewer = await desk.person('viewer');
    const { text } = await viewer.get('/console/review');
    const [, main = ''] = /<main([^]*)<\/main>/.exec(text) ?? [];

    expect(main).toContain(`item-${masked}`);
    expect(main).not.toMatch(/<form|hx-post|\/address"/);
    for (const path of ['address', 'sku', 'stock'])
      expect((await viewer.get(`/console/review/${masked}/${path}`)).status).toBe(403);
    const posts = ['address', 'sku', 'retry', 'resolve', 'reopen'].map((verb) => `${unmapped}/${verb}`);
    for (const path of [...posts, 'retry-all', 'resolve-all'])
      expect((await viewer.post(`/console/review/${path}`, { reason: 'sku_unmapped' })).status).toBe(403);
    expect(await desk.order(masked)).toMatchObject({ stage: 'review' });
    expect(await deeds(desk, 'address.look')).toEqual([]);
  });

  it('somebody limited to another shop learns of none of it', async () => {
    const orderId = await desk.masked();
    const stranger = await desk.person('operator', [await desk.addShop()]);
    const { text } = await stranger.get('/console/review');

    expect(text).not.toContain(orderId);
    expect(text).toContain('Nothing needs you');
    for (const path of ['address', 'sku', 'stock'])
      expect((await stranger.get(`/console/review/${orderId}/${path}`)).status).toBe(404);
    for (const verb of ['address', 'sku', 'retry', 'resolve', 'reopen'])
      expect((await stranger.post(`/console/review/${orderId}/${verb}`, { note: 'x' })).status).toBe(404);
    expect((await stranger.get(`/console/review/news?known=`)).text).not.toContain('waits');
    expect(await desk.order(orderId)).toMatchObject({ stage: 'review', reason: 'address_masked' });
  });

  it('a form without its proof changes nothing', async () => {
    const orderId = await desk.unmapped();
    const fields = { channelSku: 'HAT', amazonSku: 'HAT', quantity: '1' };
    const path = `/console/review/${orderId}/sku`;
    expect((await operator.post(path, fields, { isUnproven: true })).status).toBe(403);
    expect(await desk.order(orderId)).toMatchObject({ reason: 'sku_unmapped' });
  });
});
