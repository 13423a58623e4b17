import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { World } from '../e2e/world.ts';

export const ADMIN = { name: 'admin', password: 'admin-token-for-tests' };
const PASSWORD = 'a-password-for-tests-only';

export type Answer = { status: number; headers: Headers; text: string };

/** Somebody who is signed in, without a browser's script. */
export type Visitor = {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a form with the token that the pages carry; the answer is not followed. */
  post(path: string, form?: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
};

const answerOf = async (response: Response): Promise<Answer> => ({
  status: response.status,
  headers: response.headers,
  text: await response.text(),
});

/** Signs in at the console as a form does. */
export const visit = async (world: World, who = ADMIN): Promise<Visitor> => {
  const { url } = world.service;
  const own = { origin: url, 'content-type': 'application/x-www-form-urlencoded' };
  const send = (path: string, form: Record<string, string>, headers: Record<string, string>) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...own, ...headers },
      body: new URLSearchParams(form),
    });
  const signedIn = await send('/console/sign-in', who, {});
  const cookie = signedIn.headers
    .getSetCookie()
    .map((text) => text.split(';')[0] ?? '')
    .join('; ');
  if (signedIn.status !== 303) throw new Error(`no sign-in: ${signedIn.status} ${await signedIn.text()}`);
  const get: Visitor['get'] = async (path, headers = {}) =>
    answerOf(await fetch(`${url}${path}`, { redirect: 'manual', headers: { cookie, ...headers } }));
  const page = await get('/console/account');
  const token = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  return {
    get,
    post: async (path, form = {}, headers = {}) =>
      answerOf(await send(path, { _csrf: token, ...form }, { cookie, ...headers })),
  };
};

/** A shop beside the world's own, without an order. */
export const addShop = ({ folder }: World, shopId: string): void => {
  const database = new DatabaseSync(join(folder, 'mcf.db'));
  database
    .prepare(
      "insert into shops (channel, shop_id, authorization, settings) values ('tiktok-shop', ?, 'none', '{}')",
    )
    .run(shopId);
  database.close();
};

/** The names of all views that the database holds. */
export const keptViews = ({ folder }: World): unknown[] => {
  const database = new DatabaseSync(join(folder, 'mcf.db'), { readOnly: true });
  const rows = database.prepare('select name from saved_views').all();
  database.close();
  return rows.map(({ name }) => name);
};

/** A new user, signed in. */
export const visitAs = async (
  world: World,
  name: string,
  role: 'viewer' | 'operator' | 'admin',
  shopIds: string[] | null = null,
): Promise<Visitor> => {
  const added = await world.api('POST', '/api/users', { name, role, shopIds, password: PASSWORD });
  if (added.status !== 201) throw new Error(JSON.stringify(added.body));
  return visit(world, { name, password: PASSWORD });
};
