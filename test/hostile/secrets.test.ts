import type * as Crypto from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWebhookReader } from '../../src/channels/tiktok-shop/webhook.ts';
import { isSameSecret } from '../../src/people/secrets.ts';
import { APP_KEY, SECRETS, sign } from './app.ts';

/** What was compared, as pairs of lengths in bytes. */
const compared: [number, number][] = [];
let hashes = 0;

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof Crypto>();
  return {
    ...real,
    hash: (...given: Parameters<typeof real.hash>) => {
      hashes += 1;
      return real.hash(...given);
    },
    timingSafeEqual: (left: Buffer, right: Buffer) => {
      compared.push([left.length, right.length]);
      return real.timingSafeEqual(left, right);
    },
  };
});

/** The steps that `check` takes: what it compares and how many hashes it makes. */
const workOf = (check: () => boolean): { answer: boolean; compared: [number, number][]; hashes: number } => {
  compared.length = 0;
  hashes = 0;
  const answer = check();
  return { answer, compared: [...compared], hashes };
};

describe('a signature', () => {
  const body = Buffer.from('{"type":1}');
  const reader = createWebhookReader({ appKey: APP_KEY, secrets: SECRETS });
  let right: string;
  beforeEach(() => {
    right = sign(body);
  });
  afterEach(() => vi.clearAllMocks());

  const wrongAt = (at: number): string =>
    right.slice(0, at) + (right[at] === '0' ? '1' : '0') + right.slice(at + 1);

  it('takes the same work wherever its first wrong digit is, and as much as the right one', () => {
    const work = workOf(() => reader.verify(body, right));

    expect(work).toEqual({
      answer: true,
      compared: [
        [64, 64],
        [64, 64],
      ],
      hashes: 4,
    });
    for (let at = 0; at < 64; at += 1)
      expect(workOf(() => reader.verify(body, wrongAt(at)))).toEqual({ ...work, answer: false });
  });

  it('is tried against every secret, so that the work does not tell which one fits', () => {
    const [first, second] = SECRETS.map((secret) => {
      const signature = sign(body, secret);
      return workOf(() => reader.verify(body, signature));
    });

    expect(first?.answer).toBe(true);
    expect(second).toEqual(first);
  });

  it.each([
    ['nothing', undefined],
    ['another length', 'f'.repeat(63)],
    ['a longer one', 'f'.repeat(65)],
    ['another alphabet', 'g'.repeat(64)],
    ['more bytes than characters', 'é'.repeat(64)],
  ])('of another form is refused before a secret is touched: %s', (_name, given) => {
    expect(workOf(() => reader.verify(body, given))).toEqual({ answer: false, compared: [], hashes: 0 });
  });
});

describe('a token', () => {
  it('takes the same work whatever its length and wherever it is wrong', () => {
    const secret = 'an-admin-token-of-tests';
    const same = workOf(() => isSameSecret(secret, secret));

    expect(same).toEqual({ answer: true, compared: [[32, 32]], hashes: 0 });
    for (const given of [
      '',
      'x',
      'Xn-admin-token-of-tests',
      'an-admin-token-of-testX',
      'x'.repeat(10_000),
      'é',
    ])
      expect(workOf(() => isSameSecret(given, secret))).toEqual({ ...same, answer: false });
  });
});
