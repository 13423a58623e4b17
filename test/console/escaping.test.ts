import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { order, orderAtAmazon } from '../e2e/lives.ts';
import { hasChromium } from './chromium.ts';
import { crawl } from './furnished.ts';
import { becomes, type ConsoleWorld, openConsole, sees, signIn, TEST_MS } from './harness.ts';

const SCRIPT = '<script>window.itRan=1</script>';
const IMAGE = '"><img src=x onerror=itRan=1>';

describe.skipIf(!hasChromium)(
  'text from TikTok Shop, Amazon and people stays text',
  { timeout: TEST_MS },
  () => {
    let world: ConsoleWorld;
    beforeEach(async () => {
      world = await openConsole({ env: { SKU_MAP_DEFAULT: 'none' }, tiktok: { shop: { name: SCRIPT } } });
    });
    afterEach(() => world.close());

    it('on every page nothing of it runs, and it is shown as it is', async () => {
      const { tiktok, amazon } = world;
      tiktok.addProduct({
        title: SCRIPT,
        skus: [{ sellerSku: SCRIPT }, { sellerSku: IMAGE }, { sellerSku: 'GOOD' }],
      });
      amazon.addSku(IMAGE, 5);
      await world.api('PUT', '/api/sku-map', {
        entries: [
          { shopId: null, channelSku: 'MUG', components: [{ amazonSku: 'MUG', quantity: 1 }] },
          { shopId: null, channelSku: IMAGE, components: [{ amazonSku: SCRIPT, quantity: 1 }] },
        ],
      });
      const inReview = order(
        world,
        { [SCRIPT]: 1 },
        {
          overrides: { delivery_option_name: SCRIPT, buyer_message: SCRIPT },
        },
      ).orderId;
      const masked = order(
        world,
        { MUG: 1 },
        { address: { name: `J*** ${IMAGE}`, addressLine1: SCRIPT } },
      ).orderId;
      await becomes(world, inReview, { stage: 'review' });
      await becomes(world, masked, { stage: 'review' });
      const moving = await orderAtAmazon(world, { MUG: 1 });
      amazon.addParcel(moving.id, { items: [{ sku: 'MUG', quantity: 1 }], carrier: IMAGE, tracking: SCRIPT });
      await world.reconcile();
      await world.api('POST', `/api/orders/${moving.orderId}/resolve`, { note: SCRIPT });

      const visitor = await world.visit();
      const { page } = visitor;
      await signIn(world, visitor);
      const seen: string[] = [];
      const look = async (path: string): Promise<void> => {
        await page.goto(`${world.url}${path}`);
        expect([path, await page.evaluate('window.itRan')]).toEqual([path, undefined]);
        expect(await page.locator('main img').count()).toBe(0);
        if ((await page.locator('main').innerText()).includes('<script>')) seen.push(path);
      };
      const more = [inReview, masked, moving.orderId].map((id) => `/console/orders/${id}`);
      for (const path of [...(await crawl(world, visitor)).pages, ...more]) await look(path);
      // Where such text must be, or the test would prove nothing.
      expect(seen).toEqual(
        expect.arrayContaining([
          '/console/sku-map',
          `/console/orders/${inReview}`,
          `/console/orders/${moving.orderId}`,
        ]),
      );

      await page.goto(`${world.url}/console/review`);
      await page.locator(`#item-${masked}`).getByText('Fix the address').click();
      await sees(page.locator(`#item-${masked} .fix`), SCRIPT);
      await page.locator(`#item-${inReview}`).getByText('Map the SKU').click();
      await page.locator(`#item-${inReview} .fix`).getByText(SCRIPT).first().waitFor();
      expect(await page.evaluate('window.itRan')).toBeUndefined();
    });
  },
);
