import { daysToMs } from '../lib/clock.ts';
import { createReconciler, type Reconciler } from '../reconcile/reconcile.ts';
import type { Connections } from './connect.ts';
import type { Engine } from './engine.ts';
import type { Parts } from './parts.ts';

export const wireReconciler = (parts: Parts, engine: Engine, connections: Connections): Reconciler =>
  createReconciler({
    store: parts.store,
    channel: engine.channel,
    converger: engine.converger,
    worker: engine.worker,
    returns: engine.returns,
    clock: parts.clock,
    shops: engine.connected.list,
    accounts: engine.connected.accounts,
    pools: engine.connected.pools,
    skuMap: () => engine.skuMap.current(),
    ...engine.pushing,
    sides: () => [...parts.sides.values()],
    keepConnections: () => connections.keep(),
    retention: {
      notificationsMs: daysToMs(parts.config.RETENTION_NOTIFICATIONS_DAYS),
      ordersMs: daysToMs(parts.config.RETENTION_ORDERS_DAYS),
      auditMs: daysToMs(parts.config.RETENTION_AUDIT_DAYS),
    },
  });
