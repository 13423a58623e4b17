import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { deriveKey, KEY_BYTES, keyedHash } from './crypto.ts';
import { syncFolder } from './sync-folder.ts';

const BASE64_KEY = /^[A-Za-z0-9+/]{43}=$/;

/** Reads 32 bytes in base64; the error names where they came from and never the value. */
export const parseKey = (text: string, source: string): Uint8Array => {
  const trimmed = text.trim();
  if (!BASE64_KEY.test(trimmed))
    throw new Error(`${source} is not a key: it takes 32 bytes in base64 (\`openssl rand -base64 32\`).`);
  return new Uint8Array(Buffer.from(trimmed, 'base64'));
};

/** The cursor that holds what `fingerprintOf` said of the key a database was made with. */
export const FINGERPRINT = 'key_fingerprint';

/** Recognises the key without telling it. */
export const fingerprintOf = (key: Uint8Array): string =>
  keyedHash(deriveKey(key, 'fingerprint'), 'mcf-connector');

export const fitsFingerprint = (key: Uint8Array, fingerprint: string): boolean => {
  const own = fingerprintOf(key);
  return own.length === fingerprint.length && timingSafeEqual(Buffer.from(own), Buffer.from(fingerprint));
};

/**
 * The key kept beside a database, made at the first start. `expected`: the database already holds values of a key, so
 * a missing file is a fault and not a reason to make another one.
 */
export const keyBeside = (databasePath: string, expected: boolean): Uint8Array => {
  const path = `${databasePath}.key`;
  if (existsSync(path)) return parseKey(readFileSync(path, 'utf8'), path);
  if (expected)
    throw new Error(
      `${path} is missing and ENCRYPTION_KEY is not set. Restore the key this database was made with.`,
    );
  const key = new Uint8Array(randomBytes(KEY_BYTES));
  writeDurably(path, `${Buffer.from(key).toString('base64')}\n`);
  return key;
};

/** Complete or absent after a crash at any point: a half-written key would lock the database out. */
const writeDurably = (path: string, text: string): void => {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  syncFolder(dirname(path));
};
