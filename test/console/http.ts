import type { LightMyRequestResponse } from 'fastify';
import { createPeople } from '../../src/people/index.ts';
import type { Role } from '../../src/people/principal.ts';
import { ADMIN_TOKEN, type ApiWorld, NOW, openApiWorld } from '../api/world.ts';

export { A, ADMIN_TOKEN, B, fill, NOBODY, NOW } from '../api/world.ts';

export type Form = Readonly<Record<string, string>>;

/** A browser of somebody who is signed in; it keeps the cookies that it is given. */
export type Visitor = {
  cookie: string;
  get(url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  /** Sends a form with the token of a page of ours. */
  post(url: string, form?: Form, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
};

const frozen = { nowMs: () => NOW, sleep: () => Promise.resolve() };

const cookiesOf = (answer: LightMyRequestResponse): [string, string][] =>
  answer.cookies.map(({ name, value }) => [name, value]);

const visitorOf = (world: ApiWorld, held: Map<string, string>, csrfToken: string): Visitor => {
  const cookie = (): string => [...held].map(([name, value]) => `${name}=${value}`).join('; ');
  const keep = (answer: LightMyRequestResponse): LightMyRequestResponse => {
    for (const [name, value] of cookiesOf(answer)) {
      if (value === '') held.delete(name);
      else held.set(name, value);
    }
    return answer;
  };
  return {
    get cookie() {
      return cookie();
    },
    get: async (url, headers = {}) =>
      keep(
        await world.app.inject({
          url,
          remoteAddress: world.nextAddress(),
          headers: { cookie: cookie(), ...headers },
        }),
      ),
    post: async (url, form = {}, headers = {}) =>
      keep(
        await world.app.inject({
          method: 'POST',
          url,
          remoteAddress: world.nextAddress(),
          headers: { cookie: cookie(), 'content-type': 'application/x-www-form-urlencoded', ...headers },
          payload: new URLSearchParams({ _csrf: csrfToken, ...form }).toString(),
        }),
      ),
  };
};

/** What is in the forms of a page. */
export const csrfOf = (body: string): string => /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? '';

/** The addresses that the forms of a page are sent to. */
export const actionsOf = (body: string): string[] =>
  [...body.matchAll(/<form method="post" action="([^"]+)"/g)].map(([, action = '']) => action);

/** The wired service, out of reach of both sides, and people at their browsers. */
export const openConsole = async () => {
  const world = await openApiWorld();
  const people = createPeople({ store: world.store, adminToken: ADMIN_TOKEN, clock: frozen });
  const from = { address: '192.0.2.1', sessionId: null };
  const visit = async (sessionId: string): Promise<Visitor> => {
    const held = new Map([['mcf_session', sessionId]]);
    const { body } = await visitorOf(world, held, '').get('/console/account');
    return visitorOf(world, held, csrfOf(body));
  };
  return {
    ...world,
    people,
    /** The holder of `ADMIN_TOKEN`. */
    admin: async () => visit((await people.signIn.withAdminToken(ADMIN_TOKEN, from)).sessionId),
    async person(name: string, role: Role, shopIds: string[] | null = null): Promise<Visitor> {
      const by = { name: 'admin', userId: null };
      const user = await people.users.add(by, { name, role, shopIds }, null);
      return visit((await people.signIn.withUser(user, from, 'test')).sessionId);
    },
  };
};

export type ConsoleWorld = Awaited<ReturnType<typeof openConsole>>;
