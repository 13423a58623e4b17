import type { SandboxRequest } from '../../src/sandbox/http.ts';
import { componentsOf, type Facts, familyOf } from './facts.ts';
import type { Simulation } from './simulation.ts';

/** States in which Amazon has taken an order's units out of its own figure. */
const RESERVED = new Set(['Planning', 'Processing', 'Complete', 'CompletePartialled']);
const WAITS = new Set(['UNPAID', 'ON_HOLD', 'AWAITING_SHIPMENT', 'PARTIALLY_SHIPPING']);

type Row = { orderId: string; isRead: number };

const rowsQuery = {
  sql: 'select order_id as orderId, snapshot is not null as isRead from orders',
  bind: (): never[] => [],
  rows: (raw: readonly unknown[]) => raw as Row[],
};

/** What Amazon could ship of each SKU when its figures were read, less what was surely promised by then. */
type Reading = { available: Map<string, number>; mapChanges: number };

const promisedUnits = (sim: Simulation, facts: Facts): Map<string, number> => {
  const promised = new Map<string, number>();
  for (const { orderId, isRead } of sim.database.connection.all(rowsQuery, {})) {
    const known = facts.byId.get(orderId);
    if (!known || isRead === 0 || known.resolved) continue;
    const order = sim.tiktok.order(orderId);
    const isOurs = order.fulfillmentType === 'FULFILLMENT_BY_SELLER' && order.shippingType === 'SELLER';
    if (!isOurs || !WAITS.has(order.status)) continue;
    // What Amazon has in hand, or had, is in its own figure or is judged by the service's latest read of it.
    if (familyOf(sim.amazon, orderId).some((one) => RESERVED.has(one.state) || one.state === 'Cancelled'))
      continue;
    for (const line of order.lines) {
      if (line.status === 'CANCELLED' || line.packageId !== null) continue;
      for (const { amazonSku, quantity } of componentsOf(facts, line.sellerSku) ?? [])
        promised.set(amazonSku, (promised.get(amazonSku) ?? 0) + quantity);
    }
  }
  return promised;
};

const bufferOf = (fulfillable: number, env: Record<string, string>): number => {
  const units = Number(env['INVENTORY_BUFFER_UNITS'] ?? 0);
  const percent = Number(env['INVENTORY_BUFFER_PERCENT'] ?? 0);
  return Math.max(units, Math.ceil((fulfillable * percent) / 100 - 1e-9));
};

/**
 * Checks quantities as they are pushed. At the time Amazon's figures are read, an order counts as promised when the
 * service had read it by then, TikTok still wants it shipped, and Amazon has not reserved its units: those are
 * known to the service whatever races with the reading, so no listing may show more than fulfillable less them less
 * the buffer. Orders acknowledged and not read yet are left out: the service cannot know their units.
 */
export const createStockWatch = (sim: Simulation, facts: Facts, env: Record<string, string>) => {
  let reading: Reading | null = null;
  let pushes = 0;

  const read = (): void => {
    const promised = promisedUnits(sim, facts);
    const available = new Map<string, number>();
    for (const sku of ['MUG', 'TEE', 'HAT']) {
      const fulfillable = sim.amazon.stockOf(sku)?.fulfillable ?? 0;
      available.set(sku, Math.max(0, fulfillable - (promised.get(sku) ?? 0) - bufferOf(fulfillable, env)));
    }
    reading = { available, mapChanges: facts.mapChanges };
  };

  const mayShow = (sellerSku: string, { available }: Reading): number => {
    const parts = componentsOf(facts, sellerSku) ?? [];
    return Math.min(...parts.map((part) => Math.floor((available.get(part.amazonSku) ?? 0) / part.quantity)));
  };

  return {
    /** Answers what is wrong with what was pushed since the last look. */
    look(request: SandboxRequest): string | null {
      if (request.path === '/fba/inventory/v1/summaries') read();
      const made = sim.tiktok.stockPushes.slice(pushes);
      pushes = sim.tiktok.stockPushes.length;
      if (!reading || reading.mapChanges !== facts.mapChanges || facts.mapChanges % 2 === 1) return null;
      for (const { sellerSku, quantity } of made) {
        const most = mayShow(sellerSku, reading);
        if (quantity > most) return `${sellerSku}: pushed ${quantity}, at most ${most} can be sold`;
      }
      return null;
    },
  };
};
