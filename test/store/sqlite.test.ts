import { join } from 'node:path';
import { openStore } from '../../src/store/open.ts';
import { LEASE_MS, type TestDatabase } from './conformance/world.ts';
import { describeStore } from './conformance.ts';
import { temporaryDirectory } from './fixtures.ts';

const onFile = (): TestDatabase => {
  const [directory, remove] = temporaryDirectory();
  const databaseUrl = `file:${join(directory, 'new', 'folder', 'store.db')}`;
  return {
    open: (clock) => openStore({ databaseUrl, encryptionKey: null, clock, leaseMs: LEASE_MS }),
    persistent: true,
    remove,
  };
};

const inMemory = (): TestDatabase => ({
  open: (clock) => openStore({ databaseUrl: ':memory:', encryptionKey: null, clock }),
  persistent: false,
  remove: () => undefined,
});

describeStore('a SQLite file', onFile);
describeStore('SQLite in memory', inMemory);
