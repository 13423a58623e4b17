import { z } from 'zod';
import { ORDER_KINDS } from '../orders/order-kinds.ts';
import { readColumn } from './json-columns.ts';
import type { AmazonAccountRow, SharingRule, ShopSettings } from './store.ts';

const units = z.int().min(0);
const percent = z.number().min(0).max(100);

const settings = z.object({
  bufferUnits: units.optional(),
  bufferPercent: percent.optional(),
  speed: z.enum(['Standard', 'Expedited', 'Priority', 'auto']).optional(),
  fulfillmentPolicy: z.enum(['FillOrKill', 'FillAll', 'FillAllAvailable']).optional(),
  blockAmzl: z.boolean().optional(),
  unbranded: z.boolean().optional(),
  cancellation: z.enum(['auto', 'manual']).optional(),
  holdKinds: z.array(z.enum(ORDER_KINDS)).optional(),
  resubmitStuck: z.boolean().optional(),
  returnsToAmazon: z.enum(['review', 'create']).optional(),
});

const sharing: z.ZodType<SharingRule> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('shares'), percentByShop: z.record(z.string(), percent) }),
  z.object({
    kind: z.literal('priority'),
    shops: z.array(z.object({ shopId: z.string(), atMostUnits: units.nullable().default(null) })),
  }),
]);

const region = z.enum(['na', 'eu', 'fe']);

/** Without the keys that are absent, which zod keeps as undefined. */
export const readSettings = (text: string): ShopSettings =>
  Object.fromEntries(
    Object.entries(readColumn(settings, text, 'shops.settings')).filter(([, value]) => value !== undefined),
  );

export const readSharing = (text: string): SharingRule =>
  readColumn(sharing, text, 'amazon_accounts.sharing');

export const readRegion = (text: string): AmazonAccountRow['region'] =>
  readColumn(region, JSON.stringify(text), 'amazon_accounts.region');
