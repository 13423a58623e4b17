import { createLowering } from '../inventory/lowering.ts';
import { createStockMemory } from '../inventory/memory.ts';
import type { Connected } from './connected.ts';
import { faultLog } from './faults.ts';
import type { Parts } from './parts.ts';
import type { Safety } from './shadow.ts';

/** How stock is pushed, by passes and by what one shop of several sells in between. */
export const wireStock = (parts: Parts, { channel, lanes, pool }: Connected, safety: Safety) => {
  const { config, store, clock } = parts;
  const pushing = {
    isSkuPaused: safety.pauses.isSkuPaused,
    ...(safety.recorder ? { recordStock: store.shadow.saveStock } : {}),
    buffer: { units: config.INVENTORY_BUFFER_UNITS, percent: config.INVENTORY_BUFFER_PERCENT },
    memory: createStockMemory(),
  };
  const lowering = createLowering({
    ...pushing,
    store,
    channel,
    clock,
    accountOf: lanes.ofShop,
    pool,
    onFault: faultLog(parts),
  });
  return { pushing, lowering };
};
