import { StoreUnavailable } from '../store.ts';

/** Primary result codes that blame what was asked, not the database: too big, constraint, mismatch, range. */
const FAULTS_OF_THE_REQUEST = new Set([18, 19, 20, 25]);

const isSqliteError = (error: unknown): error is Error & { errcode: number; errstr: string } =>
  error instanceof Error &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  'errstr' in error &&
  typeof error.errstr === 'string';

/** SQLite's own failures become `StoreUnavailable` in its general words, which quote no value; others stay. */
export const asStoreError = (error: unknown): unknown => {
  if (!isSqliteError(error) || FAULTS_OF_THE_REQUEST.has(error.errcode & 0xff)) return error;
  return new StoreUnavailable(`The database cannot be used now: ${error.errstr}.`, { cause: error });
};

/** The answer of everything that is asked after `close()`. */
export const storeClosed = (): StoreUnavailable => new StoreUnavailable('The store is closed.');
