import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { becomes, order } from '../e2e/lives.ts';
import { closeDesk, type Desk, deeds, openDesk, type Person } from './desk.ts';

describe('the same for all orders with one cause', { timeout: 30_000 }, () => {
  let desk: Desk;
  let operator: Person;

  beforeEach(async () => {
    desk = await openDesk();
    operator = await desk.person('operator');
  });
  afterEach(() => closeDesk(desk));

  const ended = async (who: Person, href: string): Promise<string> => {
    await vi.waitFor(async () => expect((await who.get(href)).text).toContain('All done'), {
      timeout: 10_000,
    });
    return (await who.get(href)).text;
  };

  it('closes all with a note, shows how far it is, and can be undone', async () => {
    const orders = [await desk.unmapped(), await desk.unmapped()];
    const other = await desk.masked();
    const started = await operator.post('/console/review/resolve-all', {
      reason: 'sku_unmapped',
      note: 'sold elsewhere',
    });
    expect(started.status).toBe(303);
    const text = await ended(operator, started.location ?? '');
    expect(text).toContain('2 of 2 done');
    expect(text).toContain('2 left the queue, 0 are in review still, 0 could not be done.');
    for (const orderId of orders) {
      const { reason, timeline } = await desk.order(orderId);
      expect(reason).toBe('resolved');
      expect(timeline.some(({ detail }) => detail === 'by operator-1: sold elsewhere')).toBe(true);
    }
    expect(await desk.order(other)).toMatchObject({ stage: 'review' });
    expect(await deeds(desk, 'order.resolve_all')).toEqual([{ who: 'operator-1', target: 'sku_unmapped' }]);

    const undone = await operator.post(`${started.location}/reopen`);
    await ended(operator, undone.location ?? '');
    for (const orderId of orders) await becomes(desk, orderId, { stage: 'review', reason: 'sku_unmapped' });
  });

  it('tries all again and says how many are in review still', async () => {
    await desk.masked();
    await desk.masked();
    const started = await operator.post('/console/review/retry-all', { reason: 'address_masked' });
    expect(await ended(operator, started.location ?? '')).toContain(
      '0 left the queue, 2 are in review still, 0 could not be done.',
    );
    expect(await deeds(desk, 'order.retry_all')).toEqual([{ who: 'operator-1', target: 'address_masked' }]);
  });

  it('the causes say how many there are, what is at stake, and offer it where there are several', async () => {
    await desk.masked();
    const lone = await operator.get('/console/review');
    expect(lone.text).not.toContain('/console/review/retry-all');
    await desk.masked();
    const { text } = await operator.get('/console/review');
    expect(text).toContain('/console/review/retry-all');
    expect(text).toMatch(/Address masked<\/a> <span class="count">2<\/span>/);
    expect(text).toMatch(/at stake \d+\.\d\d USD/);
  });

  it('is seen by who began it alone, and reaches no order of another shop', async () => {
    const orderId = await desk.unmapped();
    const shopId = await desk.addShop();
    operator = await desk.person('operator');
    const stranger = await desk.person('operator', [shopId]);
    const none = await stranger.post('/console/review/resolve-all', { reason: 'sku_unmapped', note: 'x' });
    expect(none.location).toBe('/console/review');
    expect(await desk.order(orderId)).toMatchObject({ reason: 'sku_unmapped' });

    const { location } = await operator.post('/console/review/retry-all', { reason: 'sku_unmapped' });
    expect((await stranger.get(location ?? '')).status).toBe(404);
    await ended(operator, location ?? '');
  });

  it('a cause that does not exist, or a missing note, begins nothing', async () => {
    const orderId = await desk.unmapped();
    expect((await operator.post('/console/review/retry-all', { reason: 'nonsense' })).status).toBe(400);
    const bare = { reason: 'sku_unmapped', note: ' ' };
    expect((await operator.post('/console/review/resolve-all', bare)).status).toBe(400);
    expect(await desk.order(orderId)).toMatchObject({ stage: 'review' });
  });
});

describe('orders that a rule holds', { timeout: 30_000 }, () => {
  it('are let go, one or all, in those words, after a question', async () => {
    const desk = await openDesk({ HOLD_FOR_REVIEW: 'sample' });
    const operator = await desk.person('operator');
    const hold = async (): Promise<string> => {
      const { orderId } = order(desk, { MUG: 1 }, { overrides: { is_sample_order: true } });
      await becomes(desk, orderId, { stage: 'review', reason: 'held_by_rule' });
      return orderId;
    };
    const [first, second, third] = [await hold(), await hold(), await hold()];
    const { text } = await operator.get('/console/review');
    expect(text).toMatch(/data-confirm="It is sent to Amazon at once[^>]*>[^]*?>Let it go</);
    expect(text).toMatch(/data-confirm="3 orders\.[^>]*>[^]*?>Let all go</);

    await operator.post(`/console/review/${first}/retry`);
    await becomes(desk, first, { stage: 'fulfilling' });
    expect(await desk.order(second)).toMatchObject({ stage: 'review' });
    await operator.post('/console/review/retry-all', { reason: 'held_by_rule' });
    for (const orderId of [second, third]) await becomes(desk, orderId, { stage: 'fulfilling' });
    await closeDesk(desk);
  });
});
