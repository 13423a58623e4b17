import { systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/store/open.ts';
import { hintOf, keyOf } from './fixtures.ts';

/** Opens the store at a path, leases one order far into the future, says so, and stays until it is killed. */
const [path = ''] = process.argv.slice(2);
const store = await openStore({ databaseUrl: `file:${path}`, encryptionKey: null, clock: systemClock });
await store.orders.hint([hintOf('held')], 1_000);
await store.orders.lease(keyOf('held'), 'victim', Number.MAX_SAFE_INTEGER - 1_000_000);
process.stdout.write('ready');
setInterval(() => undefined, 1_000);
