import { order, orderAtAmazon } from '../e2e/lives.ts';
import { becomes, type ConsoleWorld, openConsole, shipAll, type Visitor } from './harness.ts';

/** A console with something on its pages. */
export type Furnished = ConsoleWorld & {
  /** Ids of orders: one that is shipped, and two in review. */
  orders: { shipped: string; masked: string; unmapped: string };
};

export const VIEWER = 'vera';
export const OPERATOR = 'otto';

export const openFurnished = async (): Promise<Furnished> => {
  const world = await openConsole({ env: { SKU_MAP_DEFAULT: 'none' } });
  await world.api('PUT', '/api/sku-map', {
    entries: [{ shopId: null, channelSku: 'MUG', components: [{ amazonSku: 'MUG', quantity: 1 }] }],
  });
  const { orderId: shipped } = await orderAtAmazon(world);
  const { orderId: masked } = order(world, { MUG: 1 }, { address: { name: 'J*** E******' } });
  const { orderId: unmapped } = order(world, { HAT: 1 });
  await becomes(world, masked, { stage: 'review' });
  await becomes(world, unmapped, { stage: 'review' });
  shipAll(world, shipped, 'MUG', 1);
  await world.reconcile();
  await becomes(world, shipped, { stage: 'shipped' });
  await world.addUser({ name: VIEWER, role: 'viewer' });
  await world.addUser({ name: OPERATOR, role: 'operator' });
  return Object.assign(world, { orders: { shipped, masked, unmapped } });
};

const LINK = /<a\b[^>]*?\shref="(\/console[^"#]*)/g;
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&quot;': '"', '&#39;': "'" };
const plain = (text: string): string =>
  text.replaceAll(/&(?:amp|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);

/** Pages that differ only in whose they are look the same. */
const kindOf = (path: string): string =>
  path.replace(/\?.*/, '').replaceAll(/\/(?:[0-9a-f]{8}-[0-9a-f-]+|\d{6,})/g, '/:id');

export type Crawled = {
  /** One of each kind, without what is downloaded. */
  pages: string[];
  /** Links that do not lead to an answer of 200, with the page they stand on. */
  dead: string[];
};

/** Follows every link of every page that this person comes to from the first one. */
export const crawl = async (world: ConsoleWorld, { page }: Visitor): Promise<Crawled> => {
  const waiting: { path: string; from: string }[] = [{ path: '/console', from: '' }];
  const known = new Set(['/console']);
  const pages = new Map<string, string>();
  const dead: string[] = [];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const answer = await page.request.get(`${world.url}${next.path}`, { headers: { accept: 'text/html' } });
    if (answer.status() !== 200) dead.push(`${next.from} → ${next.path}: ${answer.status()}`);
    if (!(answer.headers()['content-type'] ?? '').startsWith('text/html')) continue;
    const kind = kindOf(next.path);
    if (!pages.has(kind)) pages.set(kind, next.path);
    for (const [, href = ''] of (await answer.text()).matchAll(LINK)) {
      const path = plain(href);
      if (known.has(path)) continue;
      known.add(path);
      waiting.push({ path, from: next.path });
    }
  }
  return { pages: [...pages.values()], dead };
};
