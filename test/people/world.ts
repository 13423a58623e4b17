import Fastify, { type InjectOptions } from 'fastify';
import { auditRoutes } from '../../src/http/audit.ts';
import { auditChanges, authenticate, createGate } from '../../src/http/auth.ts';
import { addLimits } from '../../src/http/limits.ts';
import { peopleRoutes } from '../../src/http/people.ts';
import { addProblems } from '../../src/http/problems.ts';
import { describeRoutes, useZod } from '../../src/http/route-docs.ts';
import { sessionRoutes, signInRoute } from '../../src/http/session.ts';
import { addCookies, createSessionCookie } from '../../src/http/session-cookie.ts';
import { singleSignOnRoutes } from '../../src/http/single-sign-on.ts';
import { createPeople, type People } from '../../src/people/index.ts';
import { createPasswords, type HashJob } from '../../src/people/passwords.ts';
import type { Role } from '../../src/people/principal.ts';
import type { SingleSignOn } from '../../src/people/single-sign-on.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { createHeldClock } from '../held-clock.ts';

export const ADMIN_TOKEN = 'an-admin-token-of-tests';
export const PASSWORD = 'correct horse battery';

/** Stands for the slow hash: as long, and as easy to read back. */
const quickHash = ({ password, encoded }: HashJob): Promise<unknown> =>
  Promise.resolve(encoded === null ? `hash of ${password}` : encoded === `hash of ${password}`);

export type Options = {
  publicUrl?: string | null;
  trustProxy?: boolean;
  singleSignOn?: (world: { people: People; store: Store }) => SingleSignOn;
  run?: (job: HashJob) => Promise<unknown>;
  /** Stands before the store that people use. */
  wrap?: (store: Store) => Store;
  adminToken?: string;
  store?: Store;
};

/** The routes of people, and a few that need something, over a real store in memory. */
export const openPeople = async (options: Options = {}) => {
  const clock = createHeldClock();
  const real = options.store ?? (await openStore({ databaseUrl: ':memory:', encryptionKey: null, clock }));
  const store = options.wrap?.(real) ?? real;
  const jobs: HashJob[] = [];
  const passwords = createPasswords((job) => {
    jobs.push(job);
    return (options.run ?? quickHash)(job);
  });
  const people = createPeople({
    store,
    adminToken: options.adminToken ?? ADMIN_TOKEN,
    clock,
    passwords,
  });
  const publicUrl = options.publicUrl ?? null;
  const app = Fastify({ trustProxy: options.trustProxy ?? false });
  useZod(app);
  describeRoutes(app);
  addProblems(app, clock);
  const countRefused = await addLimits(app);
  const cookie = createSessionCookie(publicUrl);
  const gate = createGate({ identify: people.identify, cookie, publicUrl });
  await addCookies(app);
  signInRoute(app, { people, cookie, gate });
  if (options.singleSignOn)
    singleSignOnRoutes(app, {
      people,
      cookie,
      gate,
      publicUrl,
      singleSignOn: options.singleSignOn({ people, store }),
    });
  const changed: string[] = [];
  await app.register((scope, _options, done) => {
    scope.addHook('onRequest', authenticate(gate, countRefused));
    scope.addHook(
      'preHandler',
      auditChanges(people.audit, () => Promise.resolve('s1')),
    );
    sessionRoutes(scope, { people, cookie, gate });
    peopleRoutes(scope, people);
    auditRoutes(scope, store);
    for (const needs of ['viewer', 'operator', 'admin'] as const)
      scope.get(`/${needs}`, { config: { needs } }, ({ principal }) => principal);
    scope.get('/unsaid', ({ principal }) => principal);
    scope.get('/whole', { config: { needs: 'viewer', isForWholeService: true } }, () => ({}));
    scope.put<{ Params: { shopId: string } }>(
      '/shops/:shopId',
      { config: { needs: 'operator' } },
      ({ params }) => {
        changed.push(params.shopId);
        return {};
      },
    );
    scope.post<{ Params: { orderId: string } }>(
      '/orders/:orderId/retry',
      { config: { needs: 'operator', audit: 'order.retry' } },
      ({ params }) => {
        changed.push(params.orderId);
        return {};
      },
    );
    done();
  });
  await store.shops.upsert(shopOf('s1'));
  await store.shops.upsert(shopOf('s2'));

  /** Sent at once, also before its answer is waited for. */
  const call = async (method: InjectOptions['method'], url: string, more: InjectOptions = {}) =>
    app.inject({ ...more, ...(method ? { method } : {}), url });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const asAdmin = (method: InjectOptions['method'], url: string, payload?: object) =>
    call(method, url, { headers: bearer(ADMIN_TOKEN), ...(payload ? { payload } : {}) });

  const addUser = async (name: string, role: Role = 'viewer', shopIds: string[] | null = null) => {
    const answer = await asAdmin('POST', '/api/users', { name, role, shopIds, password: PASSWORD });
    if (answer.statusCode !== 201) throw new Error(answer.body);
    return String(answer.json().id);
  };
  const signIn = (name: string, password = PASSWORD, headers: Record<string, string> = {}) =>
    call('POST', '/api/session', { headers, payload: { name, password } });
  /** A browser: what it holds after a sign-in. */
  const openBrowser = async (name: string) => {
    const answer = await signIn(name);
    if (answer.statusCode !== 200) throw new Error(answer.body);
    const [held] = answer.cookies;
    const headers = {
      cookie: `${held?.name}=${held?.value}`,
      'x-csrf-token': String(answer.json().csrfToken),
    };
    return {
      headers,
      call: (method: InjectOptions['method'], url: string, payload?: object) =>
        call(method, url, { headers, ...(payload ? { payload } : {}) }),
    };
  };
  const tokenFor = async (userId: string, expiresAt: string | null = null) => {
    const answer = await asAdmin('POST', `/api/users/${userId}/tokens`, { name: 'script', expiresAt });
    if (answer.statusCode !== 201) throw new Error(answer.body);
    return { id: String(answer.json().id), token: String(answer.json().token) };
  };
  const log = async () => (await real.audit.list({ limit: 100 })).entries.toReversed();

  return {
    app,
    store: real,
    clock,
    people,
    jobs,
    changed,
    call,
    bearer,
    asAdmin,
    addUser,
    signIn,
    openBrowser,
    tokenFor,
    log,
    async close() {
      await app.close();
      await real.close();
    },
  };
};

export type PeopleWorld = Awaited<ReturnType<typeof openPeople>>;

const shopOf = (shopId: string) => ({
  channel: 'tiktok-shop',
  shopId,
  name: null,
  region: null,
  cipher: null,
  authorization: 'tiktok-shop',
  amazonAccount: 'amazon',
  settings: {},
  connectedAtMs: null,
  pausedAtMs: null,
  stoppedAtMs: null,
  authorizationExpiresAtMs: null,
});
