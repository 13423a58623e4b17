import { describe, expect, it } from 'vitest';
import { checkPassword, createPasswords } from './passwords.ts';

const PASSWORD = 'correct horse battery';

describe('a password', () => {
  it('is hashed by Argon2id with 19 MiB and two rounds, each time with another salt', async () => {
    const passwords = createPasswords();
    const [one, two] = await Promise.all([passwords.hash(PASSWORD), passwords.hash(PASSWORD)]);

    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify(PASSWORD, one)).toBe(true);
    expect(await passwords.verify(`${PASSWORD} `, one)).toBe(false);
    expect(await passwords.verify(PASSWORD, null)).toBe(false);
  }, 30_000);

  it('is checked without holding up anything else', async () => {
    const passwords = createPasswords();
    const encoded = await passwords.hash(PASSWORD);
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      turning = setImmediate(turn);
    };
    let turning = setImmediate(turn);
    const isRight = await passwords.verify(PASSWORD, encoded);
    clearImmediate(turning);

    expect(isRight).toBe(true);
    // On this thread the hash would leave a handful.
    expect(turns).toBeGreaterThan(100);
  }, 30_000);

  it('is the same however its letters are composed', async () => {
    const seen: string[] = [];
    const passwords = createPasswords(({ password }) => {
      seen.push(password);
      return Promise.resolve('hash');
    });
    await passwords.hash('caf\u00e9 au lait au lit');
    await passwords.hash('cafe\u0301 au lait au lit');

    expect(new Set(seen).size).toBe(1);
  });

  it('of nobody is compared with a hash of the same price as a real one', async () => {
    const encodings: (string | null)[] = [];
    const passwords = createPasswords(({ encoded }) => {
      encodings.push(encoded);
      return Promise.resolve(true);
    });

    // Also when the comparison says yes: nobody has no password.
    expect(await passwords.verify(PASSWORD, null)).toBe(false);
    expect(encodings[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('whose thread dies is neither right nor wrong, and the next one is compared', async () => {
    let fails = true;
    const passwords = createPasswords(() =>
      fails ? Promise.reject(new Error('out of memory')) : Promise.resolve(true),
    );
    await expect(passwords.verify(PASSWORD, 'x')).rejects.toThrow('out of memory');
    await expect(passwords.hash(PASSWORD)).rejects.toThrow('out of memory');
    fails = false;

    for (let count = 0; count < 20; count += 1) expect(await passwords.verify(PASSWORD, 'x')).toBe(true);
  });

  it.each([
    ['elevenchars', /at least 12/],
    ['💧💧💧💧💧💧', /at least 12/],
    ['aaaaabbbbbaaaaabbbbb', /over and over/],
    ['Ann@Example.com', /the name/],
    ['abcdef'.repeat(34), /at most 200/],
  ])('%s is too weak', (password, message) => {
    expect(() => checkPassword(password, 'ann@example.com')).toThrow(message);
  });

  it.each(['twelve chars', 'correct horse battery staple'])('%s will do', (password) => {
    expect(() => checkPassword(password, 'ann@example.com')).not.toThrow();
  });
});
