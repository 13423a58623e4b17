import { join } from 'node:path';
import { expect } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/store/open.ts';
import { becomes, endLives, order, startLives } from '../e2e/lives.ts';
import type { World } from '../e2e/world.ts';

const OTHER_SHOP = '7009999999999999999';
const PASSWORD = 'a-password-for-tests-only';
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
};

export type Answer = { status: number; headers: Headers; location: string | null; text: string };

/** Somebody who is signed in, with what a browser without a script would do. */
export type Person = {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a form with its proof; `isFragment`: as the script does. */
  post(
    path: string,
    fields?: Record<string, string | string[]>,
    options?: { isFragment?: boolean; isUnproven?: boolean },
  ): Promise<Answer>;
};

export type Desk = World & {
  person(role: 'viewer' | 'operator' | 'admin', shopIds?: string[]): Promise<Person>;
  /** Id of a second shop, which sold nothing. The service starts anew for it. */
  addShop(): Promise<string>;
  masked(): Promise<string>;
  /** An order of this SKU that waits for a row in the map. */
  unmapped(sku?: string): Promise<string>;
};

/** The values of a page's hidden fields and inputs, by name; the first of each. */
export const fieldsOf = (page: string): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const [tag] of page.matchAll(/<input\b[^>]*>/g)) {
    const name = /\sname="([^"]*)"/.exec(tag)?.[1];
    const value = /\svalue="([^"]*)"/.exec(tag)?.[1] ?? '';
    if (name !== undefined && !(name in found))
      found[name] = value.replaceAll(/&(?:amp|quot|#39|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity);
  }
  return found;
};

const signIn = async (url: string, name: string): Promise<Person> => {
  const jar = new Map<string, string>();
  const ask = async (
    path: string,
    init: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> => {
    const cookie = [...jar].map(([key, value]) => `${key}=${value}`).join('; ');
    const response = await fetch(`${url}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { ...(cookie === '' ? {} : { cookie }), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (pair.slice(at + 1) === '') jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const { status, headers } = response;
    return { status, headers, location: headers.get('location'), text: await response.text() };
  };
  const form = (fields: Record<string, string | string[]>): string => {
    const body = new URLSearchParams();
    for (const [key, value] of Object.entries(fields))
      for (const one of [value].flat()) body.append(key, one);
    return body.toString();
  };
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const signedIn = await ask('/console/sign-in', {
    method: 'POST',
    headers: type,
    body: form({ name, password: PASSWORD, next: '/console' }),
  });
  expect(signedIn.status).toBe(303);
  const { _csrf = '' } = fieldsOf((await ask('/console/account')).text);
  return {
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, fields = {}, { isFragment = false, isUnproven = false } = {}) =>
      ask(path, {
        method: 'POST',
        headers: { ...type, ...(isFragment ? { 'hx-request': 'true' } : {}) },
        body: form({ ...(isUnproven ? {} : { _csrf }), ...fields }),
      }),
  };
};

/** The whole service between both simulators, where an unmapped SKU waits for a person. */
export const openDesk = async (env: Record<string, string> = {}): Promise<Desk> => {
  const world = await startLives({ env: { SKU_MAP_DEFAULT: 'none', ...env } });
  await world.api('PUT', '/api/sku-map', {
    entries: [{ shopId: null, channelSku: 'MUG', components: [{ amazonSku: 'MUG', quantity: 1 }] }],
  });
  let people = 0;
  return Object.assign(world, {
    async person(role: 'viewer' | 'operator' | 'admin', shopIds?: string[]) {
      people += 1;
      const name = `${role}-${people}`;
      const user = { name, role, shopIds: shopIds ?? null, password: PASSWORD };
      expect((await world.api('POST', '/api/users', user)).status).toBe(201);
      return signIn(world.service.url, name);
    },
    async addShop() {
      await world.service.close();
      const databaseUrl = `file:${join(world.folder, 'mcf.db')}`;
      const store = await openStore({ databaseUrl, encryptionKey: null, clock: systemClock });
      const [shop] = await store.shops.all();
      if (!shop) throw new Error('there is no shop');
      await store.shops.upsert({ ...shop, shopId: OTHER_SHOP, name: 'The other shop' });
      await store.close();
      await world.restart();
      return OTHER_SHOP;
    },
    async masked() {
      const { orderId } = order(world, { MUG: 1 }, { address: { name: 'J*** E******' } });
      await becomes(world, orderId, { stage: 'review', reason: 'address_masked' });
      return orderId;
    },
    async unmapped(sku = 'HAT') {
      const { orderId } = order(world, { [sku]: 1 });
      await becomes(world, orderId, { stage: 'review', reason: 'sku_unmapped' });
      return orderId;
    },
  });
};

export const closeDesk = (desk: Desk): Promise<void> => endLives(desk);

/** What the audit log tells of one kind of deed: who and about what. */
export const deeds = async (
  desk: Desk,
  action: string,
): Promise<{ who: string; target: string | null }[]> => {
  const { body } = await desk.api('GET', '/api/audit?limit=100');
  const { entries } = body as { entries: { who: string; action: string; target: string | null }[] };
  return entries.filter((entry) => entry.action === action).map(({ who, target }) => ({ who, target }));
};
