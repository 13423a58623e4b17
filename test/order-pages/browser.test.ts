import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium } from '../console/chromium.ts';
import { ADMIN, type ConsoleWorld, openConsole, sees, shipAll, signIn, TEST_MS } from '../console/harness.ts';
import { orderAtAmazon } from '../e2e/lives.ts';

const STREET = '4711 Unforgettable Road';
const FIVE_MINUTES_MS = 300_000;

describe.skipIf(!hasChromium)('the page of one order in a browser', { timeout: TEST_MS }, () => {
  let world: ConsoleWorld;
  let orderId: string;
  beforeAll(async () => {
    world = await openConsole();
    ({ orderId } = await orderAtAmazon(world, { MUG: 1 }, { address: { addressLine1: STREET } }));
  }, TEST_MS);
  afterAll(() => world?.close());

  const open = async (before?: (page: Awaited<ReturnType<typeof world.visit>>['page']) => Promise<void>) => {
    const visitor = await world.visit();
    await before?.(visitor.page);
    await signIn(world, visitor, ADMIN, `/console/orders/${orderId}`);
    return visitor.page;
  };

  it('shows the address when it is asked for, and takes it away when it is hidden', async () => {
    const page = await open();
    expect(await page.content()).not.toContain(STREET);
    await page.getByText('Show the address').click();
    await sees(page, STREET);
    await page.getByText('Hide the address').click();

    expect(await page.content()).not.toContain(STREET);
    expect(page.url()).toBe(`${world.url}/console/orders/${orderId}`);
  });

  it('takes the address away by itself after five minutes, and not before', async () => {
    const page = await open((fresh) => fresh.clock.install());
    await page.getByText('Show the address').click();
    await sees(page, STREET);
    await page.clock.runFor(FIVE_MINUTES_MS - 10_000);
    expect(await page.content()).toContain(STREET);
    await page.clock.runFor(20_000);

    expect(await page.content()).not.toContain(STREET);
  });

  it('brings no address back from behind when one returns to it', async () => {
    const page = await open();
    await page.getByText('Show the address').click();
    await sees(page, STREET);
    await page.goto(`${world.url}/console/orders`);
    await page.goBack();
    await page.getByText('Show the address').waitFor();

    expect(await page.content()).not.toContain(STREET);
  });

  it('follows the order by itself, and leaves what is open and where one stands', async () => {
    const page = await open();
    await page.getByText('Show the address').click();
    await sees(page, STREET);
    await page.getByText('Close by hand…').click();
    await page.getByRole('textbox', { name: 'Why' }).fill('half a note');
    shipAll(world, orderId, 'MUG', 1);
    await world.reconcile();
    await sees(page.locator('#order'), 'Tracking reported to TikTok');

    expect(await page.getByRole('textbox', { name: 'Why' }).inputValue()).toBe('half a note');
    expect(await page.evaluate('document.activeElement?.id')).toBe('note');
    expect(await page.content()).toContain(STREET);
  });
});
