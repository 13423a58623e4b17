import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares digests, so that neither content nor length of the secret shows in the time it takes. */
export const isSameSecret = (given: string, secret: string): boolean =>
  timingSafeEqual(digest(given), digest(secret));

/** 256 bits of chance, in base64url. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

export const API_TOKEN_START = 'mcf_';
const SHOWN_LENGTH = API_TOKEN_START.length + 6;

/** A token for scripts, with what stays to be shown of it. */
export const newApiToken = (): { token: string; prefix: string } => {
  const token = `${API_TOKEN_START}${newSecret()}`;
  return { token, prefix: token.slice(0, SHOWN_LENGTH) };
};

/** What is stored of a secret made by `newSecret`. 256 bits cannot be guessed, so a plain hash is enough. */
export const storedHash = (secret: string): string => digest(secret).toString('hex');

/** Proves that a request came from a page which could read an answer of ours. Only the session's id makes it. */
export const csrfTokenOf = (sessionId: string): string =>
  createHmac('sha256', sessionId).update('csrf').digest('base64url');
