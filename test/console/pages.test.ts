import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium } from './chromium.ts';
import { crawl, type Furnished, OPERATOR, openFurnished, VIEWER } from './furnished.ts';
import {
  ADMIN,
  type ConsoleWorld,
  PASSWORD,
  runCommand,
  sees,
  signIn,
  TEST_MS,
  type Visitor,
} from './harness.ts';

const PHONE = { width: 390, height: 844 };
const MAX_BYTES = 150 * 1024;

describe.skipIf(!hasChromium)('the console’s pages', { timeout: TEST_MS }, () => {
  let world: Furnished;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    world = await openFurnished();
  }, TEST_MS);

  afterEach(async () => {
    const left = visitors.splice(0);
    await Promise.all(left.map(({ page }) => page.context().close()));
    expect(left.flatMap(({ faults }) => faults)).toEqual([]);
  });

  afterAll(() => world?.close());

  const visit = async (options?: Parameters<ConsoleWorld['visit']>[0]): Promise<Visitor> => {
    const visitor = await world.visit(options);
    visitors.push(visitor);
    return visitor;
  };
  const allPages = async (visitor: Visitor): Promise<string[]> => [
    ...(await crawl(world, visitor)).pages,
    `/console/orders/${world.orders.masked}`,
  ];
  const user = (name: string) => ({ name, password: PASSWORD });

  it.each([
    ['an admin', ADMIN],
    ['an operator', user(OPERATOR)],
    ['a viewer', user(VIEWER)],
  ])('have no dead link for %s', async (_who, who) => {
    const visitor = await visit();
    await signIn(world, visitor, who);
    const { pages, dead } = await crawl(world, visitor);

    expect(dead).toEqual([]);
    expect(pages.length).toBeGreaterThan(6);
  });

  it('fit a phone: no page is wider than the screen', async () => {
    const visitor = await visit({ viewport: PHONE });
    await signIn(world, visitor);
    const wide: string[] = [];
    for (const path of await allPages(visitor)) {
      await visitor.page.goto(`${world.url}${path}`);
      const width = await visitor.page.evaluate('document.documentElement.scrollWidth');
      if (width !== PHONE.width) wide.push(`${path}: ${String(width)}`);
    }
    expect(wide).toEqual([]);
  });

  it('take at most 150 KiB on the first visit, each of them', async () => {
    const first = await visit();
    await signIn(world, first);
    const { cookies } = await first.page.context().storageState();
    const big: string[] = [];
    for (const path of await allPages(first)) {
      const context = await world.browser.newContext();
      await context.addCookies(cookies);
      const page = await context.newPage();
      const network = await context.newCDPSession(page);
      let bytes = 0;
      network.on('Network.loadingFinished', ({ encodedDataLength }) => void (bytes += encodedDataLength));
      await network.send('Network.enable');
      await page.goto(`${world.url}${path}`);
      expect(bytes).toBeGreaterThan(10_000);
      if (bytes > MAX_BYTES) big.push(`${path}: ${bytes}`);
      await context.close();
    }
    expect(big).toEqual([]);
  });

  it('show a viewer nothing that changes anything, and refuse what an admin’s forms send', async () => {
    const admin = await visit();
    await signIn(world, admin);
    const forms = async ({ page }: Visitor, paths: readonly string[]): Promise<string[]> => {
      const found = new Set<string>();
      for (const path of paths) {
        await page.goto(`${world.url}${path}`);
        const actions = await page
          .locator('main form[method="post"], main [hx-post], main [hx-put], main [hx-delete]')
          .evaluateAll((nodes) =>
            nodes.map(
              (node) => node.getAttribute('action') ?? node.getAttribute('hx-post') ?? 'without an address',
            ),
          );
        for (const action of actions) found.add(action);
      }
      return [...found];
    };
    const offered = await forms(admin, await allPages(admin));
    const viewer = await visit();
    await signIn(world, viewer, user(VIEWER));
    const isOwn = (action: string): boolean => action.startsWith('/console/account');

    const seen = await allPages(viewer);
    expect(seen).not.toContain('/console/people');
    expect((await forms(viewer, seen)).filter((action) => !isOwn(action))).toEqual([]);

    const sent = offered.filter((action) => !isOwn(action));
    expect(sent).toContain(`/console/orders/${world.orders.masked}/retry`);
    const csrf = await viewer.page.locator('input[name=_csrf]').first().inputValue();
    for (const action of [
      ...sent,
      `/console/review/${world.orders.masked}/address`,
      `/console/review/${world.orders.masked}/sku`,
    ]) {
      const answer = await viewer.page.request.post(`${world.url}${action}`, {
        form: { _csrf: csrf },
        headers: { origin: world.url },
        maxRedirects: 0,
      });
      expect([action, answer.status()]).toEqual([action, 403]);
    }
    expect(
      (await viewer.page.request.get(`${world.url}/console/review/${world.orders.masked}/address`)).status(),
    ).toBe(403);
  });

  it('lead back to where one was when a session has ended, from a link and from a part that follows by itself', async () => {
    const visitor = await visit();
    const { page } = visitor;
    const path = `/console/orders/${world.orders.shipped}?from=mail`;
    await signIn(world, visitor, ADMIN, path);
    expect(page.url()).toBe(`${world.url}${path}`);

    await page.goto(`${world.url}/console/review`);
    await page.context().clearCookies();
    await page.locator(`#item-${world.orders.masked}`).getByText('Fix the address').click();
    await page.getByLabel('Password').waitFor();
    await page.getByLabel('Name').fill(ADMIN.name);
    await page.getByLabel('Password').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.locator(`#item-${world.orders.masked}`).waitFor();
    expect(page.url()).toBe(`${world.url}/console/review`);
  });

  it('a wrong password is told in words and keeps what was typed', async () => {
    const { page } = await visit();
    await page.goto(`${world.url}/console/sign-in`);
    await page.getByLabel('Name').fill(VIEWER);
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await sees(page, 'The name or the password is wrong.');
    expect(await page.getByLabel('Name').inputValue()).toBe(VIEWER);
  });

  it('the palette and the search box find an order by its number', async () => {
    const visitor = await visit();
    const { page } = visitor;
    await signIn(world, visitor);
    await runCommand(page, world.orders.shipped);
    await page.getByRole('heading', { name: `Order ${world.orders.shipped}` }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(`TTS-${world.orders.shipped}`);
    await page.keyboard.press('Enter');
    await page.locator('main', { hasText: world.orders.shipped }).waitFor();
    expect(await page.locator('main').innerText()).not.toContain(world.orders.unmapped);
  });

  it('show times in the reader’s zone, and the exact instant on hover', async () => {
    const visitor = await visit({ timezoneId: 'Asia/Tokyo', locale: 'en-US' });
    const { page } = visitor;
    await signIn(world, visitor, ADMIN, `/console/orders/${world.orders.shipped}`);
    const node = page.locator('main time[data-style="at"]').first();
    const iso = (await node.getAttribute('datetime')) ?? '';
    const inTokyo = new Intl.DateTimeFormat('en-US', {
      timeZone: 'Asia/Tokyo',
      dateStyle: 'medium',
      timeStyle: 'short',
    });
    const plain = (text: string): string => text.replaceAll(/\s/g, ' ');

    expect(plain(await node.innerText())).toBe(plain(inTokyo.format(Date.parse(iso))));
    expect(await node.getAttribute('title')).toContain(iso);
  });

  it('are dark where the machine is, and stay in the theme one has chosen', async () => {
    const visitor = await visit({ colorScheme: 'dark' });
    const { page } = visitor;
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await signIn(world, visitor);
    const dark = await background();
    await runCommand(page, 'switch between light');
    const light = await background();
    expect(light).not.toBe(dark);
    await page.reload();
    expect(await background()).toBe(light);
  });

  it('work without a script: sign in, look, and act', async () => {
    const visitor = await visit({ javaScriptEnabled: false });
    const { page } = visitor;
    await signIn(world, visitor, user(OPERATOR));
    await page
      .getByRole('link', { name: /^Review/ })
      .first()
      .click();
    await page.locator(`#item-${world.orders.masked}`).getByText('Fix the address').click();
    await page.getByLabel('Name', { exact: true }).fill('Jane Example');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('button', { name: 'Send with this address' }).waitFor();
    expect(await page.locator('.fix').innerText()).toContain('Jane Example');
  });
});
