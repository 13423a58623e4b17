import { describe, expect, it } from 'vitest';
import { csrfTokenOf, isSameSecret, newApiToken, newSecret, storedHash } from './secrets.ts';

describe('comparing secrets', () => {
  it.each([
    ['secret', 'secret', true],
    ['secret', 'secreT', false],
    ['secret', 'secret ', false],
    ['', 'secret', false],
    ['a much longer text than the secret itself', 'secret', false],
    ['', '', true],
  ])('%j against %j is %s', (given, secret, same) => {
    expect(isSameSecret(given, secret)).toBe(same);
  });
});

describe('a new secret', () => {
  it('has 256 bits and is never given twice', () => {
    const secrets = Array.from({ length: 1_000 }, newSecret);

    expect(new Set(secrets).size).toBe(1_000);
    for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  });

  it('is stored as a hash of the known kind', () => {
    expect(storedHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('of a script is told by its beginning, which leaves 220 bits unknown', () => {
    const { token, prefix } = newApiToken();

    expect(token.startsWith(prefix)).toBe(true);
    expect(token.length - prefix.length).toBeGreaterThanOrEqual(37);
  });
});

describe('the proof of a page', () => {
  it('is one per session, and neither the session’s id nor its stored hash', () => {
    const proof = csrfTokenOf('session-1');

    expect(csrfTokenOf('session-1')).toBe(proof);
    expect(csrfTokenOf('session-2')).not.toBe(proof);
    expect([storedHash('session-1'), 'session-1']).not.toContain(proof);
  });
});
