import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assembleStore } from '../../src/store/assemble.ts';
import { migrate } from '../../src/store/migrations.ts';
import { type Connection, openConnection } from '../../src/store/sqlite/driver.ts';
import { type Store, StoreUnavailable } from '../../src/store/store.ts';
import { createHeldClock } from '../held-clock.ts';
import { hintOf, keyOf, notificationOf, temporaryDirectory } from './fixtures.ts';

describe('a store whose database fails', () => {
  let remove: () => void;
  let path: string;
  let connection: Connection;
  let store: Store;

  beforeEach(() => {
    const [directory, removeDirectory] = temporaryDirectory();
    remove = removeDirectory;
    path = join(directory, 'store.db');
    connection = openConnection(path);
    migrate(connection, 0);
    store = assembleStore({
      connection,
      masterKey: new Uint8Array(32),
      clock: createHeldClock(),
      leaseMs: 1_000,
      restored: null,
      onClose: () => undefined,
    });
  });

  afterEach(async () => {
    await store.close();
    remove();
  });

  const large = (id: string) => ({ ...notificationOf(id), body: 'buyer'.repeat(20_000) });

  it('acknowledges nothing while the disk is full, and goes on when there is room', async () => {
    await store.notifications.accept(notificationOf('before'), [hintOf('before')], 0);
    connection.exec('pragma max_page_count = 1');

    const outcomes = await Promise.allSettled(
      ['a', 'b'].map((id) => store.notifications.accept(large(id), [hintOf(id)], 0)),
    );

    for (const outcome of outcomes) {
      const { reason } = outcome as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(StoreUnavailable);
      expect((reason as Error).message).toMatch(/full/);
      expect((reason as Error).message).not.toContain('buyer');
    }
    expect(await store.notifications.count()).toBe(1);
    expect(await store.orders.get(keyOf('a'))).toBeNull();

    connection.exec('pragma max_page_count = 1073741823');
    expect(await store.notifications.accept(large('a'), [hintOf('a')], 0)).toBe('stored');
    expect(await store.notifications.count()).toBe(2);
  });

  it('fails its ping while it may not write, and reads on', async () => {
    await store.orders.hint([hintOf('1')], 0);
    connection.exec('pragma query_only = on');

    await expect(store.ping()).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await store.orders.get(keyOf('1'))).not.toBeNull();

    connection.exec('pragma query_only = off');
    await store.ping();
  });

  it('fails while somebody else holds the write lock, and goes on when they let go', async () => {
    connection.exec('pragma busy_timeout = 10');
    const other = new DatabaseSync(path);
    other.exec('begin immediate');

    await expect(store.orders.hint([hintOf('1')], 0)).rejects.toBeInstanceOf(StoreUnavailable);

    other.exec('rollback');
    other.close();
    expect(await store.orders.hint([hintOf('1')], 0)).toBe(1);
  });

  it('fails its reads too when a table is gone', async () => {
    connection.exec('drop table cursors');

    await expect(store.cursors.get('sweep')).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.ping()).rejects.toBeInstanceOf(StoreUnavailable);
  });
});
