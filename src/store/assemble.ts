import type { Clock } from '../lib/clock.ts';
import { createAccess } from './access.ts';
import { createAccounts } from './accounts.ts';
import { createAuditStore } from './audit.ts';
import { createCalls } from './calls.ts';
import { createConnect } from './connect.ts';
import { deriveKey, keyedHash } from './crypto.ts';
import { createCursors } from './cursors.ts';
import { createOutgoing } from './deliveries.ts';
import { createHourly } from './hourly.ts';
import { createInventory } from './inventory.ts';
import { createNotifications } from './notifications.ts';
import { createOrderReads } from './orders-read.ts';
import { createOrderWrites } from './orders-write.ts';
import { createPeopleStore } from './people.ts';
import { createReceived } from './received.ts';
import { createRetention } from './retention.ts';
import { createReturns } from './returns.ts';
import { createPausedSkus, createShadow } from './shadow.ts';
import { createShops } from './shops.ts';
import { createSkuMap } from './sku-map.ts';
import { createSold } from './sold.ts';
import type { Connection } from './sqlite/driver.ts';
import type { Restored, Store } from './store.ts';
import { createTokens } from './tokens.ts';
import { createViews } from './views.ts';

export type StoreParts = {
  connection: Connection;
  masterKey: Uint8Array;
  clock: Clock;
  leaseMs: number;
  restored: Restored | null;
  /** Called once the database is closed. */
  onClose: () => void;
};

/** The store over an open and migrated database. */
export const assembleStore = ({
  connection,
  masterKey,
  clock,
  leaseMs,
  restored,
  onClose,
}: StoreParts): Store => {
  const access = createAccess(connection, onClose);
  const cursors = createCursors(access);
  const hashKey = deriveKey(masterKey, 'keyed-hash');
  return {
    notifications: { ...createNotifications(access), ...createReceived(access) },
    orders: {
      ...createOrderReads(access),
      ...createOrderWrites(access, leaseMs),
      ...createCalls(access),
      ...createHourly(access),
    },
    returns: createReturns(access),
    skuMap: createSkuMap(access),
    inventory: { ...createInventory(access), ...createSold(access) },
    shops: createShops(access),
    accounts: createAccounts(access),
    connect: createConnect(access),
    pausedSkus: createPausedSkus(access),
    shadow: createShadow(access),
    people: createPeopleStore(access),
    audit: createAuditStore(access),
    views: createViews(access),
    outgoing: createOutgoing(access, deriveKey(masterKey, 'outgoing-webhooks')),
    tokens: createTokens(access, deriveKey(masterKey, 'tokens')),
    cursors,
    retention: createRetention(access),
    restored,
    keyedHash: (text) => keyedHash(hashKey, text),
    ping: () => cursors.set('ping', String(clock.nowMs())),
    close: async () => access.close(),
  };
};
