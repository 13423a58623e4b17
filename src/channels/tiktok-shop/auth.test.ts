import { describe, expect, test } from 'vitest';
import { createHeldClock } from '../../../test/held-clock.ts';
import { useHttpMock } from '../../../test/http-mock.ts';
import { createHttpClient } from '../../lib/http-client.ts';
import { createQuota } from '../../lib/quota.ts';
import { createTikTokAuth, type InitialTokens } from './auth.ts';
import samples from './fixtures/auth.json' with { type: 'json' };
import {
  APP_KEY,
  APP_SECRET,
  AUTH_URL,
  expectRefresh,
  failure,
  granted,
  type MemoryTokens,
  memoryTokens,
  START_MS,
  success,
  TOKENS,
} from './fixtures/harness.ts';

const mock = useHttpMock();
const DAY_MS = 86_400_000;
const ACCOUNT = 'tiktok-shop';

const setUp = (
  fields: {
    initial?: InitialTokens | null;
    tokens?: MemoryTokens;
    clock?: ReturnType<typeof createHeldClock>;
  } = {},
) => {
  const clock = fields.clock ?? createHeldClock(START_MS);
  const tokens = fields.tokens ?? memoryTokens();
  const auth = createTikTokAuth({
    http: createHttpClient({ quota: createQuota(clock) }),
    clock,
    tokens,
    appKey: APP_KEY,
    appSecret: APP_SECRET,
    authUrl: AUTH_URL,
    account: ACCOUNT,
    initial: fields.initial === undefined ? TOKENS : fields.initial,
  });
  return { auth, clock, tokens };
};

const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );

describe('which token is used', () => {
  test('the environment’s, as long as nothing was stored', async () => {
    const { auth } = setUp();

    expect(await auth.accessToken()).toBe('access-1');
  });

  test('after a restart the stored one, which came from the same environment', async () => {
    const { auth, tokens } = setUp();
    expectRefresh(mock, 'refresh-1', granted(2));
    await auth.refreshAfter('access-1');

    expect(await setUp({ tokens }).auth.accessToken()).toBe('access-2');
  });

  test('the environment’s again, when it changed', async () => {
    const { auth, tokens } = setUp();
    expectRefresh(mock, 'refresh-1', granted(2));
    await auth.refreshAfter('access-1');

    const changed = setUp({ tokens, initial: { accessToken: 'access-9', refreshToken: 'refresh-9' } });

    expect(await changed.auth.accessToken()).toBe('access-9');
  });

  test('the stored one, when the environment has none', async () => {
    const { auth, tokens } = setUp();
    expectRefresh(mock, 'refresh-1', granted(2));
    await auth.refreshAfter('access-1');

    expect(await setUp({ tokens, initial: null }).auth.accessToken()).toBe('access-2');
  });

  test('a refresh token alone is enough', async () => {
    const { auth } = setUp({ initial: { accessToken: null, refreshToken: 'refresh-1' } });
    expectRefresh(mock, 'refresh-1', granted(2));

    expect(await auth.accessToken()).toBe('access-2');
  });

  test('with no token at all the credentials count as refused', async () => {
    const { auth } = setUp({ initial: null });

    expect(await rejection(auth.accessToken())).toMatchObject({
      code: 'upstream_auth_refused',
      retry: 'later',
      stage: 'before',
    });
  });
});

describe('refresh', () => {
  test('stores both tokens with their times before the new one is used', async () => {
    const { auth, tokens } = setUp();
    expectRefresh(mock, 'refresh-1', { body: samples.token_refresh_response });

    const token = await auth.refreshAfter('access-1');

    expect(tokens.pairs.get(ACCOUNT)).toEqual({
      accessToken: token,
      accessExpiresAtMs: 1_765_209_600_000,
      refreshToken: samples.token_refresh_response.data.refresh_token,
      refreshExpiresAtMs: 1_795_536_000_000,
      origin: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('many callers with a rejected token cause one refresh', async () => {
    const { auth } = setUp();
    expectRefresh(mock, 'refresh-1', granted(2));

    const answers = await Promise.all([1, 2, 3].map(() => auth.refreshAfter('access-1')));

    expect(answers).toEqual(['access-2', 'access-2', 'access-2']);
    expect(await auth.refreshAfter('access-1')).toBe('access-2');
  });

  test('comes early, at 80 % of the life of the token', async () => {
    const { auth, clock } = setUp();
    expectRefresh(mock, 'refresh-1', granted(2));
    await auth.refreshAfter('access-1');

    await clock.advance(5 * DAY_MS);
    expect(await auth.accessToken()).toBe('access-2');
    expectRefresh(mock, 'refresh-2', granted(3));
    await clock.advance(DAY_MS);
    expect(await auth.accessToken()).toBe('access-3');
  });

  test('that fails early leaves the old token in use, is tried again, and fails for good when it has expired', async () => {
    const { auth, clock } = setUp();
    expectRefresh(mock, 'refresh-1', granted(2));
    await auth.refreshAfter('access-1');
    await clock.advance(6 * DAY_MS);
    expectRefresh(mock, 'refresh-2', { status: 503, body: '' });

    expect(await auth.accessToken()).toBe('access-2');
    expect(await auth.accessToken()).toBe('access-2');

    await clock.advance(DAY_MS);
    expectRefresh(mock, 'refresh-2', { status: 503, body: '' });
    expect(await rejection(auth.accessToken())).toMatchObject({ code: 'upstream_unavailable' });
  });

  test('keeps the old refresh token when the answer has none', async () => {
    const { auth, tokens } = setUp();
    expectRefresh(mock, 'refresh-1', granted(2, { refresh_token: undefined }));

    await auth.refreshAfter('access-1');

    expect(tokens.pairs.get(ACCOUNT)?.refreshToken).toBe('refresh-1');
  });

  test('does not take a time in the past at its word', async () => {
    const { auth, tokens } = setUp();
    expectRefresh(mock, 'refresh-1', granted(2, { access_token_expire_in: 604_800 }));

    await auth.refreshAfter('access-1');

    expect(tokens.pairs.get(ACCOUNT)?.accessExpiresAtMs).toBeNull();
    expect(await auth.accessToken()).toBe('access-2');
  });

  test('that cannot be stored is not used, and is stored later without another refresh', async () => {
    const { auth, tokens } = setUp();
    expectRefresh(mock, 'refresh-1', granted(2));
    tokens.failNextSave();

    expect(await rejection(auth.refreshAfter('access-1'))).toMatchObject({ message: 'the disk is full' });
    expect(tokens.pairs.size).toBe(0);
    expect(await auth.refreshAfter('access-1')).toBe('access-2');
    expect(tokens.pairs.get(ACCOUNT)?.refreshToken).toBe('refresh-2');
  });

  test('that another replica has already made is taken over', async () => {
    const first = setUp();
    const second = setUp({ tokens: first.tokens });
    await second.auth.accessToken();
    expectRefresh(mock, 'refresh-1', granted(2));
    await first.auth.refreshAfter('access-1');

    expect(await second.auth.refreshAfter('access-1')).toBe('access-2');
  });

  test('that lost the race against another replica takes over its token', async () => {
    const { auth, tokens } = setUp();
    expectRefresh(mock, 'refresh-1', granted(2));
    await setUp({ tokens }).auth.refreshAfter('access-1');
    const winner = tokens.pairs.get(ACCOUNT);
    tokens.pairs.clear();
    let loads = 0;
    tokens.load = async (account) => {
      loads += 1;
      if (loads === 3 && winner) tokens.pairs.set(ACCOUNT, winner);
      return tokens.pairs.get(account) ?? null;
    };
    expectRefresh(mock, 'refresh-1', failure(36004005));

    expect(await auth.refreshAfter('access-1')).toBe('access-2');
  });
});

describe('a refresh that fails', () => {
  test.each([
    [
      'the authorisation has ended',
      { body: samples['refresh_token_expired_response_(observed_2023_shape_of_data_unconfirmed)'] },
    ],
    ['the authorisation is unknown', { body: samples['auth_record_missing_response_(observed_2023)'] }],
    ['an unknown code', failure(36004099)],
    ['an unknown code with HTTP 400', failure(1, 'x', 400)],
    ['HTTP 401', { status: 401, body: '' }],
  ])('for good stops the side: %s', async (_, answer) => {
    const { auth } = setUp();
    expectRefresh(mock, 'refresh-1', answer);

    expect(await rejection(auth.refreshAfter('access-1'))).toMatchObject({
      code: 'upstream_auth_refused',
      retry: 'later',
      stage: 'before',
    });
  });

  test.each([
    ['503', { status: 503, body: 'busy' }, 'upstream_unavailable'],
    ['429', { status: 429, body: '' }, 'upstream_throttled'],
    ['36009003', failure(36009003), 'upstream_unavailable'],
    ['36009007', failure(36009007), 'upstream_timeout'],
    ['no JSON', { body: '<html>' }, 'upstream_malformed'],
    ['no token', success({}), 'upstream_malformed'],
    ['a broken connection', new Error('reset'), 'upstream_unreachable'],
  ] as const)(
    'for now may be repeated, and the call it was for was not sent: %s',
    async (_, answer, code) => {
      const { auth } = setUp();
      expectRefresh(mock, 'refresh-1', answer);

      expect(await rejection(auth.refreshAfter('access-1'))).toMatchObject({
        code,
        retry: 'later',
        stage: 'before',
      });
    },
  );

  test('with a rejected access token and no refresh token the credentials count as refused', async () => {
    const { auth } = setUp({ initial: { accessToken: 'access-1', refreshToken: null } });

    expect(await rejection(auth.refreshAfter('access-1'))).toMatchObject({ code: 'upstream_auth_refused' });
  });

  test('never tells a secret', async () => {
    const { auth } = setUp();
    expectRefresh(mock, 'refresh-1', new Error(`${APP_SECRET} refresh-1`));

    const error = await rejection(auth.refreshAfter('access-1'));

    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(
      /refresh-1|access-1|0123456789/,
    );
  });
});
