import { nowAndThen } from '../lib/now-and-then.ts';
import { keyText, type OrderKey } from '../orders/model.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Parts } from './parts.ts';

/** A broken store fails all that is tried, and the log may lie on the disk that is full. */
const STORE_FAULT_EVERY_MS = 60_000;

/** Where faults of ours are told, and the store's now and then. */
export const faultLog = ({ logger, clock }: Parts): ((error: unknown, key?: OrderKey) => void) => {
  const storeFaults = nowAndThen(clock, STORE_FAULT_EVERY_MS);
  return (error, key) => {
    const about = key ? { order: keyText(key) } : {};
    if (error instanceof StoreUnavailable)
      storeFaults((keptBack) => logger.error({ err: error, ...about, keptBack }, 'the store failed'));
    else logger.error({ err: error, ...about }, 'internal fault');
  };
};
