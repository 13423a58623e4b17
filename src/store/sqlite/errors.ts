import { StoreUnavailable } from '../store.ts';

/** Primary result codes that blame what was asked, not the database: too big, constraint, mismatch, range. */
const FAULTS_OF_THE_REQUEST = new Set([18, 19, 20, 25]);

type SqliteError = Error & { errcode: number; errstr: string };

const isSqliteError = (error: unknown): error is SqliteError =>
  error instanceof Error &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  'errstr' in error &&
  typeof error.errstr === 'string';

type Advice = { problem: string; remedy: string };

const LOCKED: Advice = {
  problem: 'another program holds its lock',
  remedy: 'End what else has it open. The service goes on by itself.',
};
const DAMAGED: Advice = {
  problem: 'its file is damaged',
  remedy: 'Stop the service, keep a copy of all its files, and restore a backup (docs/durability.md).',
};

/** By SQLite's primary result code. */
const ADVICE: ReadonlyMap<number, Advice> = new Map([
  [5, LOCKED],
  [6, LOCKED],
  [
    8,
    {
      problem: 'it may not be written',
      remedy: 'Make the file and its folder writable for the user the service runs as.',
    },
  ],
  [
    10,
    {
      problem: 'the disk answers with errors',
      remedy: 'Look at the disk and its log. The service goes on by itself when the disk does.',
    },
  ],
  [11, DAMAGED],
  [13, { problem: 'the disk is full', remedy: 'Free space on it. The service goes on by itself.' }],
  [
    14,
    {
      problem: 'it cannot be opened',
      remedy: 'Its folder has to exist and to be writable for the user the service runs as.',
    },
  ],
  [26, DAMAGED],
]);

/**
 * SQLite's own failures become `StoreUnavailable` in words that name the file and what to do, and quote no value;
 * others stay.
 */
export const asStoreError = (error: unknown, path?: string): unknown => {
  if (!isSqliteError(error) || FAULTS_OF_THE_REQUEST.has(error.errcode & 0xff)) return error;
  const { problem, remedy } = ADVICE.get(error.errcode & 0xff) ?? { problem: error.errstr, remedy: '' };
  const named = path === undefined ? 'The database' : `The database ${path}`;
  const message = `${named} cannot be used now: ${problem} (${error.errstr}). ${remedy}`.trim();
  return new StoreUnavailable(message, { cause: error, problem });
};

/** The answer of everything that is asked after `close()`. */
export const storeClosed = (): StoreUnavailable => new StoreUnavailable('The store is closed.');
