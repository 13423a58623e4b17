/**
 * `npm run screenshots`: plays the demo's day, then takes every page of the console at the width of a desktop and of a
 * phone into docs/screenshots. Needs Chromium: `CHROMIUM_PATH`, or one of the usual places.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { SESSION_LIFE_MS } from '../../src/people/identify.ts';
import { ADMIN_TOKEN } from '../../src/sandbox/demo/cast.ts';
import { launchChromium } from './chromium.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'docs/screenshots');
const MAX_BYTES = 120 * 1024;
const QUALITIES = [80, 60, 40, 25];

const WIDTHS = {
  desktop: { width: 1440, height: 900, most: 1500, scale: 1 },
  phone: { width: 390, height: 844, most: 1400, scale: 2 },
} as const;
type WidthName = keyof typeof WIDTHS;

type Shot = { name: string; path: string; theme?: 'dark'; before?: (page: Page) => Promise<void> };

/** The demo, once its day is over and its shop stays open. */
const playDemo = async (): Promise<{ process: ChildProcess; url: string }> => {
  const demo = spawn(process.execPath, ['src/sandbox/demo.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let url = '';
  for await (const line of createInterface({ input: demo.stdout })) {
    const [, address] = /^connector\s+(http:\S+)/.exec(line) ?? [];
    if (address !== undefined) url = address;
    if (line.startsWith('The shop stays open')) break;
  }
  if (url === '') throw new Error('The demo did not say where its console is.');
  return { process: demo, url };
};

const call = async (url: string, path: string, body?: unknown): Promise<unknown> => {
  const answer = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
  return answer.json();
};

/** What the clock of the demo's shop says: a session that begins now lasts for a known time. */
const shopNowMs = async (url: string): Promise<number> => {
  const { expiresAt } = (await call(url, '/api/session', { token: ADMIN_TOKEN })) as { expiresAt: string };
  return Date.parse(expiresAt) - SESSION_LIFE_MS;
};

const orderIn = async (url: string, query: string): Promise<string> => {
  const { orders } = (await call(url, `/api/orders?${query}`)) as { orders: { orderId: string }[] };
  const [first] = orders;
  if (!first) throw new Error(`There is no order with ${query}.`);
  return first.orderId;
};

const openFix = async (page: Page): Promise<void> => {
  await page.getByText('Fix the address').first().click();
  await page.locator('#fix-state').fill('Oregon');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('button', { name: 'Send with this address' }).waitFor();
};

const shotsOf = async (url: string): Promise<Shot[]> => [
  { name: 'today', path: '' },
  { name: 'today-dark', path: '', theme: 'dark' },
  { name: 'orders', path: '/orders' },
  { name: 'order', path: `/orders/${await orderIn(url, 'stage=shipped')}` },
  { name: 'review', path: '/review' },
  { name: 'review-fix', path: '/review', before: openFix },
  { name: 'sku-map', path: '/sku-map' },
  { name: 'inventory', path: '/inventory' },
  { name: 'shops', path: '/shops' },
  { name: 'deliveries', path: '/deliveries' },
  { name: 'people', path: '/people' },
  { name: 'settings', path: '/settings' },
  { name: 'audit', path: '/audit' },
];

/** As small as it has to be. Answers its size in bytes. */
const capture = async (page: Page, file: string, name: WidthName): Promise<number> => {
  const { width, most, scale } = WIDTHS[name];
  const height = Math.min(most, Number(await page.evaluate('document.documentElement.scrollHeight')));
  const devtools = await page.context().newCDPSession(page);
  for (const quality of QUALITIES) {
    const { data } = await devtools.send('Page.captureScreenshot', {
      format: 'webp',
      quality,
      captureBeyondViewport: true,
      clip: { x: 0, y: 0, width, height, scale: 1 },
    });
    writeFileSync(file, Buffer.from(data, 'base64'));
    if (statSync(file).size <= MAX_BYTES) break;
  }
  await devtools.detach();
  const { size } = statSync(file);
  if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes at a scale of ${scale}.`);
  return size;
};

const signedIn = async (browser: Browser, url: string, name: WidthName): Promise<Page> => {
  const { width, height, scale } = WIDTHS[name];
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    locale: 'en-US',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(`${url}/console`);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password').fill(ADMIN_TOKEN);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  return page;
};

const takeAll = async (browser: Browser, url: string): Promise<void> => {
  const shots = await shotsOf(url);
  for (const width of Object.keys(WIDTHS) as WidthName[]) {
    const page = await signedIn(browser, url, width);
    for (const { name, path, theme, before } of shots) {
      // Words such as "2 hours ago" are reckoned in the browser, by the clock of the demo's shop here.
      await page.clock.setFixedTime(await shopNowMs(url));
      await page.emulateMedia({ colorScheme: theme ?? 'light' });
      await page.goto(`${url}/console${path}`);
      await before?.(page);
      const bytes = await capture(page, join(FOLDER, `${name}-${width}.webp`), width);
      process.stdout.write(`${name}-${width}.webp ${Math.ceil(bytes / 1024)} KiB\n`);
    }
    await page.context().close();
  }
};

const browser = await launchChromium();
process.stdout.write('The demo plays its day; that takes about a minute.\n');
const demo = await playDemo();
try {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, role] of [
    ['Amara', 'operator'],
    ['Joost', 'viewer'],
  ])
    await call(demo.url, '/api/users', { name, role, password: 'a-password-for-the-demo' });
  await takeAll(browser, demo.url);
} finally {
  demo.process.kill('SIGINT');
  await browser.close();
}
