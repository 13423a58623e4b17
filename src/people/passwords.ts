import { AppError } from '../lib/errors.ts';
import { createLimiter } from '../lib/limiter.ts';

const LEAST_CHARACTERS = 12;
/** Far above what anybody types; a megabyte would be hashed as well. */
const MOST_CHARACTERS = 200;

/** The threads that hash at the same time; each takes a core and 19 MiB. On two cores one is left to the orders. */
const AT_ONCE = 1;
/** Beyond that many, a sign-in is refused at once instead of making everybody wait. */
const MOST_IN_HAND = 10;

/** Of no password: who is not known costs as much time as who is. */
const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mtc2FsdC4uLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** `encoded` null: hash the password; else: is it the one? */
export type HashJob = { password: string; encoded: string | null };
export type RunHash = (job: HashJob) => Promise<unknown>;

export type Passwords = {
  /** Argon2id with its parameters and salt in the encoded form. */
  hash(password: string): Promise<string>;
  /** Null, of somebody without a password, takes as long and is false. Throws `sign_in_busy`. */
  verify(password: string, encoded: string | null): Promise<boolean>;
};

const inWorker: RunHash = async ({ password, encoded }) => {
  const { Worker } = await import('node:worker_threads');
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./password-worker.ts', import.meta.url), {
      workerData: [password, encoded],
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('The password was not hashed.')));
  });
};

/** The same letters, however a keyboard composes them. */
const normalized = (password: string): string => password.normalize('NFKC');

/** Throws `password_weak` with what is wrong. */
export const checkPassword = (password: string, name: string): void => {
  const characters = Array.from(normalized(password)).length;
  const refuse = (text: string): never => {
    throw new AppError('password_weak', 400, `password: ${text}`);
  };
  if (characters < LEAST_CHARACTERS) refuse(`must have at least ${LEAST_CHARACTERS} characters.`);
  if (characters > MOST_CHARACTERS) refuse(`must have at most ${MOST_CHARACTERS} characters.`);
  if (new Set(normalized(password)).size < 5) refuse('must not be a few characters over and over.');
  if (normalized(password).toLowerCase() === name.toLowerCase()) refuse('must not be the name.');
};

/** Hashing off the event loop, a few at a time. */
export const createPasswords = (run: RunHash = inWorker): Passwords => {
  const limited = createLimiter(AT_ONCE);
  let inHand = 0;
  const work = async (job: HashJob): Promise<unknown> => {
    if (inHand >= MOST_IN_HAND)
      throw new AppError('sign_in_busy', 503, 'Too many people sign in at this moment; try again.');
    inHand += 1;
    try {
      return await limited(() => run(job));
    } finally {
      inHand -= 1;
    }
  };
  return {
    async hash(password) {
      const encoded = await work({ password: normalized(password), encoded: null });
      if (typeof encoded !== 'string') throw new Error('The password was not hashed.');
      return encoded;
    },
    async verify(password, encoded) {
      const isRight = await work({
        password: normalized(password).slice(0, MOST_CHARACTERS),
        encoded: encoded ?? NOBODY,
      });
      return encoded !== null && isRight === true;
    },
  };
};
