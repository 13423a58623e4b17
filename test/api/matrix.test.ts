import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mayAct, type Principal, ROLES, type Role } from '../../src/people/principal.ts';
import { type DescribedOperation, methodOf, readDocument } from './document.ts';
import { SAMPLES, type Sample, type Subject } from './samples.ts';
import {
  A,
  ADMIN_TOKEN,
  type ApiWorld,
  B,
  fill,
  NOBODY,
  openApiWorld,
  PERSONS,
  type Person,
} from './world.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** What everybody may ask. Anything else needs a role. */
const PUBLIC = [
  'GET /',
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/*',
  'GET /problems',
  'GET /problems/:code',
  'POST /api/session',
  // Behind METRICS_TOKEN where one is set.
  'GET /metrics',
];
/** Guarded by a signature, by what an other side gave out, or by a hand of its own. */
const GUARDED_OTHERWISE = /^[A-Z]+ \/(webhooks\/tiktok$|connect\/|sign-in|session\/|console)/;

const sampleOf = (operation: DescribedOperation, subject: Subject): Sample => {
  const sample = SAMPLES[operation.operationId];
  if (!sample) throw new Error(`${operation.operationId}: has no sample request in test/api/samples.ts`);
  return sample(subject);
};

const roleOf = (name: string): Role => {
  const role = ROLES.find((known) => known === name);
  if (!role) throw new Error(`${name} is no role`);
  return role;
};

describe('every route with every role', () => {
  let world: ApiWorld;
  let described: Awaited<ReturnType<typeof readDocument>>;
  beforeAll(async () => {
    world = await openApiWorld();
    described = await readDocument(world.app);
  });
  afterAll(() => world.close());

  const ask = (operation: DescribedOperation, subject: Subject, token: string | null) => {
    const { url, payload } = sampleOf(operation, subject);
    return world.app.inject({
      method: methodOf(operation.method),
      url,
      remoteAddress: world.nextAddress(),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
    });
  };
  const nothingOfB = (text: string): void => {
    for (const secret of [B.shopId, B.orderId, B.sku]) expect(text).not.toContain(secret);
  };
  /** Without what tells the time. */
  const headersOf = ({ headers }: { headers: Record<string, unknown> }): string =>
    JSON.stringify(
      Object.entries(headers).filter(([name]) => name !== 'date' && name !== 'x-ratelimit-reset'),
    );
  /** What a person limited to A reads, by what they asked for. */
  const allThatIsRead = async (person: Person): Promise<Map<string, string>> => {
    const read = new Map<string, string>();
    for (const operation of described.operations) {
      if (operation.method !== 'get' || operation.operationId === 'reconcile') continue;
      const answer = await ask(operation, A, world.tokenOf(person));
      read.set(operation.operationId, `${answer.statusCode} ${headersOf(answer)} ${answer.body}`);
    }
    for (const url of [
      '/api/orders',
      '/api/orders?limit=2',
      '/api/orders?limit=1&stage=review',
      '/api/orders?risk=at_risk&limit=1',
      '/api/orders?reason=at_amazon',
      `/api/orders?q=${A.orderId}`,
      `/api/orders?q=1Z${B.orderId}`,
      `/api/orders?shopId=${B.shopId}`,
      `/api/orders/${B.orderId}`,
      '/api/inventory',
    ]) {
      const { statusCode, body } = await world.app.inject({
        url,
        remoteAddress: world.nextAddress(),
        headers: { authorization: `Bearer ${world.tokenOf(person)}` },
      });
      read.set(url, `${statusCode} ${body}`);
    }
    return read;
  };

  it('is complete: every route says what it needs or is public, is in the document, and has a sample', () => {
    const routes = world.app.describedRoutes;
    const open = routes
      .filter(({ config }) => config.needs === undefined)
      .map(({ method, url }) => `${method} ${url}`)
      .filter((route) => !GUARDED_OTHERWISE.test(route) && !PUBLIC.includes(route));
    const undescribed = routes
      .filter(({ schema, url }) => !schema?.operationId && !schema?.hide && !url.startsWith('/webhooks/'))
      .map(({ method, url }) => `${method} ${url}`)
      .filter((route) => !/^[A-Z]+ \/console/.test(route));
    const hidden = routes
      .filter(({ schema, url }) => schema?.hide === true && url.startsWith('/api/'))
      .map(({ url }) => url);
    const ids = described.operations.map(({ operationId }) => operationId);

    expect(open).toEqual([]);
    expect(undescribed).toEqual([]);
    expect(hidden).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !SAMPLES[id])).toEqual([]);
  });

  it('a person of shop A reads the same bytes whether or not shop B has anything', async () => {
    await fill(world.store, A);
    const alone = await Promise.all([allThatIsRead('viewer of A'), allThatIsRead('operator of A')]);
    await fill(world.store, B);
    const together = await Promise.all([allThatIsRead('viewer of A'), allThatIsRead('operator of A')]);

    for (const [index, read] of together.entries()) {
      for (const what of ['/api/orders', '/api/inventory', 'getOrder', 'listShops'])
        expect(read.get(what)).toMatch(/^200 /);
      expect(read.get('/api/orders')).toContain(A.orderId);
      expect(read.get('/api/inventory')).toContain(A.sku);
      for (const [what, text] of read) {
        // The counts of stages over all shops are public.
        if (what === 'getHealth') continue;
        expect([what, text]).toEqual([what, alone[index]?.get(what)]);
      }
      nothingOfB(
        [...read]
          .filter(([what]) => !what.includes(B.shopId))
          .map(([, text]) => text)
          .join('\n'),
      );
    }
    expect([...(await allThatIsRead('viewer')).values()].join('\n')).toContain(B.sku);
  });

  it('about shop B, a person of shop A is answered as about a shop that does not exist', async () => {
    const plain = (text: string, subject: Subject): string =>
      [subject.orderId, subject.shopId, subject.sku].reduce((left, name) => left.replaceAll(name, '…'), text);
    for (const person of ['viewer of A', 'operator of A'] as const) {
      for (const operation of described.operations) {
        if (JSON.stringify(sampleOf(operation, B)) === JSON.stringify(sampleOf(operation, NOBODY))) continue;
        if (operation['x-needs'] === undefined) continue;
        const [ofB, ofNobody] = [
          await ask(operation, B, world.tokenOf(person)),
          await ask(operation, NOBODY, world.tokenOf(person)),
        ];
        expect([person, operation.operationId, ofB.statusCode, plain(ofB.body, B)]).toEqual([
          person,
          operation.operationId,
          ofNobody.statusCode,
          plain(ofNobody.body, NOBODY),
        ]);
        expect(operation.operationId === 'listOrders' ? 404 : ofB.statusCode).toBeGreaterThanOrEqual(400);
      }
    }
  });

  it('answers everybody by what it needs, and every answer is as the document says', async () => {
    const faults: string[] = [];
    const check = async (
      operation: DescribedOperation,
      who: string,
      principal: Principal | null,
      token: string | null,
    ) => {
      const answer = await ask(operation, A, token);
      const code = /"code":"(\w+)"/.exec(answer.statusCode >= 400 ? answer.body : '')?.[1] ?? '';
      const name = `${operation.operationId} by ${who}: ${answer.statusCode} ${code}`;
      faults.push(...described.faultsOf(operation, answer).map((fault) => `${who}: ${fault}`));
      if (answer.statusCode === 500) faults.push(name);
      const needs = operation['x-needs'];
      if (needs === undefined) return;
      const expected = (): string | null => {
        if (!principal) return 'unauthorized';
        if (!mayAct(principal, roleOf(needs))) return 'role_missing';
        return operation['x-whole-service'] === true && principal.shopIds !== null
          ? 'not_for_single_shops'
          : null;
      };
      const given = ['unauthorized', 'role_missing', 'not_for_single_shops'].includes(code) ? code : null;
      if (given !== expected()) faults.push(`${name}, but ${expected() ?? 'may pass'}`);
      const status = { unauthorized: 401, role_missing: 403, not_for_single_shops: 403 }[code];
      if (status !== undefined && answer.statusCode !== status) faults.push(`${name}: not ${status}`);
    };
    for (const operation of described.operations) {
      await check(operation, 'nobody', null, null);
      await check(operation, 'a wrong token', null, `${ADMIN_TOKEN}x`);
      for (const person of world.persons) {
        const principal = person === 'disabled' ? null : { name: person, userId: null, ...PERSONS[person] };
        await check(operation, person, principal, world.tokenOf(person));
      }
    }
    expect(faults).toEqual([]);
  });
});
