import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { becomes } from '../e2e/lives.ts';
import { closeDesk, type Desk, fieldsOf, openDesk, type Person } from './desk.ts';

const HEADER = 'shop_id,channel_sku,amazon_sku,quantity';
const MAP = '/console/sku-map';

describe('the SKU map in the console', { timeout: 30_000 }, () => {
  let desk: Desk;
  let operator: Person;

  beforeEach(async () => {
    desk = await openDesk();
    operator = await desk.person('operator');
  });
  afterEach(() => closeDesk(desk));

  const csv = async (): Promise<string[]> =>
    (await operator.get(`${MAP}.csv`)).text.trim().split('\r\n').slice(1).sort();
  const put = (channelSku: string, components: string, more: Record<string, string> = {}) =>
    operator.post(`${MAP}/put`, { shopId: '', channelSku, components, ...more });
  const sealFor = async (text: string): Promise<string> =>
    fieldsOf((await operator.post(`${MAP}/preview`, { csv: text })).text)['seal'] ?? '';

  it('a preview shows what is added, changed and removed, changes nothing, and is applied as shown', async () => {
    await put('TEE', '1 TEE');
    const text = `${HEADER}\n,MUG,MUG,2\n,HAT,HAT,1`;
    const shown = await operator.post(`${MAP}/preview`, { csv: text });
    expect(shown.text).toContain('1 added, 1 changed, 1 removed, 0 as they are.');
    expect(shown.text).toContain('<del>1 × MUG</del>');
    expect(shown.text).toContain('<ins>2 × MUG</ins>');
    expect(await csv()).toEqual([',MUG,MUG,1', ',TEE,TEE,1']);

    const { seal = '' } = fieldsOf(shown.text);
    const applied = await operator.post(`${MAP}/apply`, { csv: text, seal });
    expect(applied).toMatchObject({ status: 303, location: MAP });
    expect(await csv()).toEqual([',HAT,HAT,1', ',MUG,MUG,2']);
  });

  it('orders that wait for a row go on when a CSV brings it', async () => {
    const orderId = await desk.unmapped();
    const text = `${HEADER}\n,MUG,MUG,1\n,HAT,HAT,1`;
    const applied = await operator.post(`${MAP}/apply`, { csv: text, seal: await sealFor(text) });
    expect(applied.status).toBe(303);
    await becomes(desk, orderId, { stage: 'fulfilling' });
  });

  it('every bad row is named, and nothing is changed', async () => {
    const text = `${HEADER}\n,MUG,,1\n,HAT,HAT,none`;
    for (const path of ['preview', 'apply']) {
      const refused = await operator.post(`${MAP}/${path}`, { csv: text, seal: await sealFor(HEADER) });
      expect(refused.status).toBe(400);
      expect(refused.text).toMatch(/2: amazon_sku is empty/);
      expect(refused.text).toMatch(/3: quantity is not a number/);
    }
    expect(await csv()).toEqual([',MUG,MUG,1']);
  });

  it('what was decided on another map is refused: applying it, and undoing', async () => {
    const text = `${HEADER}\n,HAT,HAT,1`;
    await put('TEE', '1 TEE');
    const seal = await sealFor(text);
    const undo = /undo[^]*?name="seal" value="([^"]*)"/.exec((await operator.get(MAP)).text)?.[1] ?? '';
    await put('CAP', '1 CAP');
    const now = await csv();

    const applied = await operator.post(`${MAP}/apply`, { csv: text, seal });
    expect(applied.status).toBe(409);
    expect(applied.text).toContain('Somebody changed the map after you looked');
    expect((await operator.post(`${MAP}/undo`, { seal: undo })).status).toBe(409);
    expect(await csv()).toEqual(now);
  });

  it('of two who apply at the same moment one is refused, and the map is the other’s', async () => {
    const texts = [`${HEADER}\n,A,A,1`, `${HEADER}\n,B,B,1`];
    const seals = [await sealFor(texts[0] ?? ''), await sealFor(texts[1] ?? '')];
    const answers = await Promise.all(
      texts.map((text, index) => operator.post(`${MAP}/apply`, { csv: text, seal: seals[index] ?? '' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
    const winner = answers[0]?.status === 303 ? ',A,A,1' : ',B,B,1';
    expect(await csv()).toEqual([winner]);
  });

  it('the last change can be undone, and the undoing too', async () => {
    const undo = async () => {
      const page = (await operator.get(MAP)).text;
      const seal = /sku-map\/undo[^]*?name="seal" value="([^"]*)"/.exec(page)?.[1] ?? '';
      return operator.post(`${MAP}/undo`, { seal });
    };
    const [before] = [await csv(), await put('HAT', '2 HAT\n1 MUG')];
    const after = await csv();
    expect(after).toEqual([',HAT,HAT,2', ',HAT,MUG,1', ',MUG,MUG,1']);
    expect((await operator.get(MAP)).text).toContain('0 rows come back, 0 change, 1 go');

    expect((await undo()).status).toBe(303);
    expect(await csv()).toEqual(before);
    await undo();
    expect(await csv()).toEqual(after);
  });

  it('a row that is gone already is not said to be taken out', async () => {
    const name = { shopId: '', channelSku: 'MUG' };
    expect((await operator.post(`${MAP}/remove`, name)).status).toBe(303);
    expect((await operator.post(`${MAP}/remove`, name)).status).toBe(404);
    expect(await csv()).toEqual([]);
  });

  it('a search finds rows by either SKU', async () => {
    await put('CUP', '1 AMZ-77');
    for (const q of ['cup', 'amz-7']) {
      const { text } = await operator.get(`${MAP}?q=${q}`);
      expect(text).toContain('>CUP<');
      expect(text).not.toContain('>MUG<');
    }
    expect((await operator.get(`${MAP}?q=nothing`)).text).toContain('No row fits');
  });

  it('the report lists what leads nowhere, and one click puts a suggestion into the map', async () => {
    desk.amazon.addSku('TEE-BLK', 5);
    desk.tiktok.addProduct({ skus: [{ sellerSku: 'tee blk' }] });
    const orderId = await desk.unmapped('tee blk');
    const report = `${MAP}/report`;
    const { text } = await operator.get(`${report}?status=suggested`);
    expect(text).toContain('tee blk');
    expect(text).not.toContain('>MUG<');
    const reads = desk.tiktok.countCalls('products.search');
    expect((await operator.get(`${report}?q=hat`)).text).toContain('>HAT<');
    expect(desk.tiktok.countCalls('products.search')).toBe(reads);

    const [, form = ''] =
      /(<form method="post" action="\/console\/sku-map\/put"[^]*?<\/form>)/.exec(text) ?? [];
    const { _csrf: _proof, ...fields } = fieldsOf(form);
    const added = await operator.post(`${MAP}/put`, fields, { isFragment: true });
    expect(added.text).toContain('in the map now');
    await becomes(desk, orderId, { stage: 'fulfilling' });
    expect((await operator.get(`${report}?status=suggested&q=tee+blk`)).text).toContain('No listing fits');
    expect((await operator.post(`${MAP}/put`, fields)).location).toBe(report);
  });

  it('a side that does not answer is told, and the next look works', async () => {
    desk.tiktok.faults.next('products.search', 'reset-before');
    expect((await operator.get(`${MAP}/report`)).status).toBe(502);
    expect((await operator.get(`${MAP}/report`)).status).toBe(200);
  });

  it('somebody limited to a shop changes its rows alone, and undoes nothing', async () => {
    const mine = await desk.addShop();
    const limited = await desk.person('operator', [mine]);
    operator = await desk.person('operator');
    const theirs = desk.tiktok.shop.id;
    await put('HAT', '1 HAT', { shopId: theirs });
    const page = await limited.get(MAP);
    expect(page.text).not.toContain('>HAT<');
    expect(page.text).not.toContain('/console/sku-map/undo');
    expect((await limited.get(`${MAP}/report`)).text).not.toContain(theirs);

    for (const shopId of [theirs, '']) {
      const row = { shopId, channelSku: 'HAT', components: '1 OTHER' };
      expect((await limited.post(`${MAP}/put`, row)).status).toBe(403);
      expect((await limited.post(`${MAP}/remove`, { shopId, channelSku: 'MUG' })).status).toBe(403);
      const text = `${HEADER}\n${shopId},HAT,OTHER,1`;
      expect((await limited.post(`${MAP}/preview`, { csv: text })).status).toBe(403);
      expect((await limited.post(`${MAP}/apply`, { csv: text, seal: await sealFor(HEADER) })).status).toBe(
        403,
      );
    }
    expect((await limited.post(`${MAP}/undo`, { seal: '' })).status).toBe(403);
    const own = { shopId: mine, channelSku: 'CAP', components: '1 CAP' };
    expect((await limited.post(`${MAP}/put`, own)).status).toBe(303);
    expect(await csv()).toEqual([',MUG,MUG,1', `${theirs},HAT,HAT,1`, `${mine},CAP,CAP,1`].sort());
  });

  it('a viewer sees the map without a form, and may change nothing of it', async () => {
    const viewer = await desk.person('viewer');
    for (const path of [MAP, `${MAP}/report`]) {
      const [, main = ''] = /<main([^]*)<\/main>/.exec((await viewer.get(path)).text) ?? [];
      expect(main).not.toMatch(/method="post"|hx-post/);
    }
    for (const verb of ['put', 'remove', 'preview', 'apply', 'undo'])
      expect((await viewer.post(`${MAP}/${verb}`, { shopId: '', channelSku: 'MUG' })).status).toBe(403);
    expect(await csv()).toEqual([',MUG,MUG,1']);
  });
});
