import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { assembleStore } from './assemble.ts';
import { KEY_BYTES } from './crypto.ts';
import { readCursorValue, writeCursorValue } from './cursors.ts';
import { databasePath } from './database-url.ts';
import { FINGERPRINT, fingerprintOf, fitsFingerprint, keyBeside, parseKey } from './master-key.ts';
import { migrate } from './migrations.ts';
import { LEASE_MS, takeBackLeases } from './orders-write.ts';
import { noticeRestore } from './restored.ts';
import { type Connect, type Connection, openConnection } from './sqlite/driver.ts';
import { asStoreError } from './sqlite/errors.ts';
import { takeDatabaseLock } from './sqlite/lock.ts';
import { type Store, StoreUnavailable } from './store.ts';
import { syncFoldersOf } from './sync-folder.ts';

export type OpenStoreOptions = {
  /** `file:<path>`, or `:memory:` for tests. */
  databaseUrl: string;
  /** 32 bytes in base64; null: kept in a file beside the database. */
  encryptionKey: string | null;
  clock: Clock;
  leaseMs?: number;
  /** Default: opens the database itself. */
  connect?: Connect | undefined;
};

/**
 * Opens the database, making it when it is not there, as its only user; brings its schema up to date and frees what a
 * dead process had leased. Throws an error a person can act on when it cannot.
 */
export const openStore = async (options: OpenStoreOptions): Promise<Store> => {
  const path = databasePath(options.databaseUrl);
  if (path === null) return prepare(options, null, () => undefined);
  makeFolder(dirname(path));
  const unlock = await takeDatabaseLock(path, options.clock);
  try {
    return prepare(options, path, unlock);
  } catch (error) {
    unlock();
    throw asStoreError(error, path);
  }
};

const makeFolder = (path: string): void => {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new StoreUnavailable(
      `The folder ${path} of the database cannot be made: ${error instanceof Error ? error.message : String(error)}. Make it, writable for the user the service runs as, or let DATABASE_URL name another.`,
      { cause: error },
    );
  }
};

const prepare = (options: OpenStoreOptions, path: string | null, onClose: () => void): Store => {
  const { clock, encryptionKey, leaseMs = LEASE_MS, connect = openConnection } = options;
  const connection = connect(path ?? ':memory:');
  try {
    migrate(connection, clock.nowMs());
    const masterKey = findMasterKey(connection, encryptionKey, path);
    takeBackLeases(connection, Number.MAX_SAFE_INTEGER, clock.nowMs());
    // At every start: the one that made the files may have been killed before it came here.
    if (path !== null) syncFoldersOf(path);
    const restored = noticeRestore(connection, clock.nowMs());
    return assembleStore({ connection, masterKey, clock, leaseMs, restored, onClose });
  } catch (error) {
    connection.close();
    throw error;
  }
};

/** The key this database was made with; a new database takes whatever key it is given, or makes one. */
const findMasterKey = (connection: Connection, given: string | null, path: string | null): Uint8Array => {
  const known = readCursorValue(connection, FINGERPRINT);
  const key = given === null ? keptKey(path, known !== null) : parseKey(given, 'ENCRYPTION_KEY');
  if (known === null) writeCursorValue(connection, FINGERPRINT, fingerprintOf(key));
  else if (!fitsFingerprint(key, known))
    throw new Error(
      'The encryption key is not the one this database was made with. Restore that ENCRYPTION_KEY, or the key file beside the database.',
    );
  return key;
};

const keptKey = (path: string | null, expected: boolean): Uint8Array =>
  path === null ? new Uint8Array(randomBytes(KEY_BYTES)) : keyBeside(path, expected);
