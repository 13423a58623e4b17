import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { startLives } from '../e2e/lives.ts';
import type { World } from '../e2e/world.ts';
import { launchChromium } from './chromium.ts';

export const ADMIN = { name: 'admin', password: 'admin-token-for-tests' };
export const PASSWORD = 'a-password-for-tests-only';

/** A browser waits for a machine that is busy; no guarantee is about this time. */
export const PATIENCE_MS = 30_000;
export const TEST_MS = 180_000;

/** Somebody at a browser of their own. */
export type Visitor = {
  page: Page;
  /** What a browser complained about: script errors, refused content, calls to elsewhere, answers of 500 and above. */
  faults: string[];
};

export type ConsoleWorld = World & {
  url: string;
  browser: Browser;
  /** A new browser profile; its faults are looked at when the world ends. */
  visit(options?: BrowserContextOptions): Promise<Visitor>;
  addUser(user: { name: string; role: 'viewer' | 'operator' | 'admin'; shopIds?: string[] }): Promise<void>;
};

const REPORT_REFUSALS = `document.addEventListener('securitypolicyviolation', (event) => {
  console.error('refused by the policy: ' + event.violatedDirective + ' ' + event.blockedURI);
});`;

const watch = (page: Page, origin: string, faults: string[]): void => {
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // Refusals with 4xx are what some tests are about, and are told by the page itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:'))
      faults.push(`asked elsewhere: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) faults.push(`${response.status()}: ${response.url()}`);
  });
};

/** The service between both simulators, and a browser. */
export const openConsole = async (options: Parameters<typeof startLives>[0] = {}): Promise<ConsoleWorld> => {
  const world = await startLives(options);
  const browser = await launchChromium();
  const visitors: Visitor[] = [];
  const closeWorld = world.close.bind(world);
  return Object.assign(world, {
    browser,
    url: world.service.url,
    async visit(contextOptions: BrowserContextOptions = {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        locale: 'en-US',
        timezoneId: 'America/New_York',
        ...contextOptions,
      });
      context.setDefaultTimeout(PATIENCE_MS);
      await context.addInitScript(REPORT_REFUSALS);
      const visitor: Visitor = { page: await context.newPage(), faults: [] };
      watch(visitor.page, world.service.url, visitor.faults);
      visitors.push(visitor);
      return visitor;
    },
    async addUser(user: { name: string; role: string; shopIds?: string[] }) {
      const { status } = await world.api('POST', '/api/users', {
        ...user,
        shopIds: user.shopIds ?? null,
        password: PASSWORD,
      });
      expect(status).toBe(201);
    },
    async close() {
      await browser.close();
      await closeWorld();
      expect(visitors.flatMap(({ faults }) => faults)).toEqual([]);
    },
  });
};

/** Signs in as a person does, who wanted to see `path`. */
export const signIn = async (
  world: ConsoleWorld,
  { page }: Visitor,
  who: { name: string; password: string } = ADMIN,
  path = '/console',
): Promise<void> => {
  await page.goto(`${world.url}${path}`);
  await page.getByLabel('Name').fill(who.name);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
};

/** The addresses in the navigation of this person. */
export const placesOf = async ({ page }: Visitor): Promise<string[]> =>
  page
    .getByRole('navigation', { name: 'Pages' })
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));

/** Waits for text on the page. */
export const sees = (scope: Page | Locator, text: string | RegExp): Promise<void> =>
  scope.getByText(text).first().waitFor({ timeout: PATIENCE_MS });

/** Moves with Tab alone, as somebody without a mouse does, until the focus is on what fits. */
export const tabTo = async (page: Page, selector: string, most = 80): Promise<void> => {
  for (let step = 0; step < most; step += 1) {
    const isThere = await page.evaluate(
      `document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`,
    );
    if (isThere) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not come to ${selector}`);
};

/** Runs a command of the palette by typing its name. */
export const runCommand = async (page: Page, words: string): Promise<void> => {
  await page.keyboard.press('Control+k');
  await page.locator('#palette[open]').waitFor();
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
};

/** Waits until the service says so of an order. */
export const becomes = (world: World, orderId: string, like: object): Promise<void> =>
  vi.waitFor(async () => expect(await world.order(orderId)).toMatchObject(like), { timeout: PATIENCE_MS });

/** Amazon packs and ships all units of one SKU; the number is read with the next pass. */
export const shipAll = (world: World, orderId: string, sku: string, last: number): void => {
  world.amazon.addParcel(`TTS-${orderId}`, {
    items: [{ sku, quantity: 1 }],
    carrier: 'UPS',
    tracking: `1Z50V742035470${String(last).padStart(4, '0')}`,
    status: 'SHIPPED',
  });
};
