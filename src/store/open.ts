import { randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { assembleStore } from './assemble.ts';
import { deriveKey, KEY_BYTES, keyedHash } from './crypto.ts';
import { readCursorValue, writeCursorValue } from './cursors.ts';
import { databasePath } from './database-url.ts';
import { keyBeside, parseKey } from './master-key.ts';
import { migrate } from './migrations.ts';
import { LEASE_MS, takeBackLeases } from './orders-write.ts';
import { type Connection, openConnection } from './sqlite/driver.ts';
import { asStoreError } from './sqlite/errors.ts';
import { takeDatabaseLock } from './sqlite/lock.ts';
import type { Store } from './store.ts';

export type OpenStoreOptions = {
  /** `file:<path>`, or `:memory:` for tests. */
  databaseUrl: string;
  /** 32 bytes in base64; null: kept in a file beside the database. */
  encryptionKey: string | null;
  clock: Clock;
  leaseMs?: number;
};

/**
 * Opens the database, making it when it is not there, as its only user; brings its schema up to date and frees what a
 * dead process had leased. Throws an error a person can act on when it cannot.
 */
export const openStore = async (options: OpenStoreOptions): Promise<Store> => {
  const path = databasePath(options.databaseUrl);
  if (path === null) return prepare(options, null, () => undefined);
  mkdirSync(dirname(path), { recursive: true });
  const unlock = await takeDatabaseLock(path, options.clock);
  try {
    return prepare(options, path, unlock);
  } catch (error) {
    unlock();
    throw asStoreError(error);
  }
};

const prepare = (options: OpenStoreOptions, path: string | null, onClose: () => void): Store => {
  const { clock, encryptionKey, leaseMs = LEASE_MS } = options;
  const connection = openConnection(path ?? ':memory:');
  try {
    migrate(connection, clock.nowMs());
    const masterKey = findMasterKey(connection, encryptionKey, path);
    takeBackLeases(connection, Number.MAX_SAFE_INTEGER, clock.nowMs());
    return assembleStore({ connection, masterKey, clock, leaseMs, onClose });
  } catch (error) {
    connection.close();
    throw error;
  }
};

/** Recognises the key without telling it. */
const FINGERPRINT = 'key_fingerprint';

/** The key this database was made with; a new database takes whatever key it is given, or makes one. */
const findMasterKey = (connection: Connection, given: string | null, path: string | null): Uint8Array => {
  const known = readCursorValue(connection, FINGERPRINT);
  const key = given === null ? keptKey(path, known !== null) : parseKey(given, 'ENCRYPTION_KEY');
  const fingerprint = keyedHash(deriveKey(key, 'fingerprint'), 'mcf-connector');
  if (known === null) writeCursorValue(connection, FINGERPRINT, fingerprint);
  else if (!sameText(known, fingerprint))
    throw new Error(
      'The encryption key is not the one this database was made with. Restore that ENCRYPTION_KEY, or the key file beside the database.',
    );
  return key;
};

const keptKey = (path: string | null, expected: boolean): Uint8Array =>
  path === null ? new Uint8Array(randomBytes(KEY_BYTES)) : keyBeside(path, expected);

const sameText = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
