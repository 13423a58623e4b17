import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { AppError } from '../lib/errors.ts';
import { createIdentify } from '../people/identify.ts';
import { StoreUnavailable } from '../store/store.ts';
import { authenticate, createGate } from './auth.ts';
import { addLimits } from './limits.ts';
import { addProblems } from './problems.ts';
import { addCookies, createSessionCookie } from './session-cookie.ts';

const TOKEN = 'an-admin-token-of-tests';
let app: FastifyInstance;
let world: FakeWorld;
let failWith: unknown;

beforeEach(async () => {
  app = Fastify();
  addProblems(app);
  const countRefused = await addLimits(app);
  world = await openWorld();
  const identify = createIdentify({ ...world, adminToken: TOKEN });
  await addCookies(app);
  const gate = createGate({ identify, cookie: createSessionCookie(null), publicUrl: null });
  await app.register((scope, _options, done) => {
    scope.addHook('onRequest', authenticate(gate, countRefused));
    scope.get('/private', { config: { needs: 'viewer' } }, () => ({ secret: 'inside' }));
    done();
  });
  app.get('/fails', () => {
    throw failWith;
  });
  app.post('/open', () => ({}));
});
afterEach(async () => {
  await app.close();
  await world.store.close();
});

const call = (authorization?: string) =>
  app.inject({ url: '/private', headers: authorization === undefined ? {} : { authorization } });

describe('what needs the token', () => {
  it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `Bearer  ${TOKEN}`])(
    'answers with it: %s',
    async (authorization) => {
      const answer = await call(authorization);

      expect(answer.statusCode).toBe(200);
    },
  );

  it.each([
    undefined,
    '',
    TOKEN,
    `Basic ${TOKEN}`,
    'Bearer',
    'Bearer ',
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
  ])('is refused without it: %s', async (authorization) => {
    const answer = await call(authorization);

    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'unauthorized', status: 401 });
    expect(answer.body).not.toContain('inside');
    expect(answer.body).not.toContain(TOKEN);
  });

  it('refuses wrong tokens with 429 after sixty in a minute, and still takes the right one', async () => {
    for (let tries = 0; tries < 60; tries += 1) expect((await call('Bearer wrong')).statusCode).toBe(401);

    const limited = await call('Bearer wrong');
    const right = await call(`Bearer ${TOKEN}`);

    expect(limited.statusCode).toBe(429);
    expect(limited.json()).toMatchObject({ code: 'rate_limited' });
    expect(right.statusCode).toBe(200);
  });
});

describe('a problem', () => {
  const answerTo = async (error: unknown) => {
    failWith = error;
    return app.inject({ url: '/fails' });
  };

  it('of ours answers with its status, its code and every fault', async () => {
    const answer = await answerTo(new AppError('sku_map_invalid', 400, 'bad rows', ['row 2', 'row 3']));

    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect(answer.json()).toEqual({
      type: '/problems/sku_map_invalid',
      title: 'SKU map not valid',
      status: 400,
      code: 'sku_map_invalid',
      detail: 'bad rows',
      errors: ['row 2', 'row 3'],
    });
  });

  it('without faults lists none', async () => {
    expect((await answerTo(new AppError('order_unknown', 404, 'no order'))).json()).not.toHaveProperty(
      'errors',
    );
  });

  it('of a request that is not valid names what is wrong', async () => {
    const { error } = z.object({ limit: z.number() }).safeParse({ limit: 'many' });

    const answer = await answerTo(error);

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      code: 'invalid_request',
      errors: [expect.stringMatching(/^limit: /)],
    });
  });

  it('of a body that is wrong as a whole says so', async () => {
    const { error } = z.object({}).safeParse('text');

    expect((await answerTo(error)).json()).toMatchObject({ errors: [expect.stringMatching(/^body: /)] });
  });

  it('of the store is 503 and says nothing of the inside', async () => {
    const answer = await answerTo(new StoreUnavailable('disk /var/secret full'));

    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'store_unavailable' });
    expect(answer.body).not.toContain('secret');
  });

  it.each([
    new Error('secret'),
    new TypeError('secret'),
    Object.assign(new Error('secret'), { statusCode: 502, code: 'X' }),
  ])('that is a fault is 500 and says nothing of the inside: %s', async (error) => {
    const answer = await answerTo(error);

    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'internal_error', title: 'Internal error' });
    expect(answer.body).not.toContain('secret');
  });

  it('of a status without a title still has one', async () => {
    expect((await answerTo(new AppError('odd', 418, 'a teapot'))).json()).toMatchObject({
      title: 'Error',
      status: 418,
    });
  });

  it.each([
    { what: 'a body that is no JSON', body: '{', type: 'application/json', status: 400 },
    { what: 'a media type nobody reads', body: 'x', type: 'image/png', status: 415 },
    {
      what: 'a body over the limit',
      body: `"${'x'.repeat(2_000_000)}"`,
      type: 'application/json',
      status: 413,
    },
  ])('with $what is $status', async ({ body, type, status }) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/open',
      headers: { 'content-type': type },
      payload: body,
    });

    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ status, code: expect.stringMatching(/^fst_/) });
  });
});

describe('the limit of one address', () => {
  it('is six thousand requests a minute, then 429', async () => {
    for (let count = 0; count < 6000; count += 1) await app.inject({ method: 'POST', url: '/open' });

    const answer = await app.inject({ method: 'POST', url: '/open' });

    expect(answer.statusCode).toBe(429);
    expect(answer.json()).toMatchObject({ code: 'rate_limited' });
  });
});
