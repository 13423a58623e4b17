import { z } from 'zod';

/** What one load run sends, and how fast. */
export const Mode = z.discriminatedUnion('kind', [
  /** As fast as the answers come, `inFlight` at a time. */
  z.object({ kind: z.literal('saturate'), inFlight: z.number() }),
  /** Open loop: at a fixed rate whatever the answers do. */
  z.object({
    kind: z.literal('rate'),
    perSecond: z.number(),
    /** The rate during the warm-up, where it is another. */
    warmupPerSecond: z.number().optional(),
  }),
  /** Everything at once, each on a new connection. */
  z.object({ kind: z.literal('burst') }),
]);
export type Mode = z.output<typeof Mode>;

/** How a request is addressed and signed: as TikTok does, or as GitHub does. */
export const Dialect = z.enum(['tiktok', 'github']);
export type Dialect = z.output<typeof Dialect>;

export const Plan = z.object({
  dialect: Dialect,
  port: z.number(),
  appKey: z.string(),
  appSecret: z.string(),
  shopId: z.string(),
  /** No more requests than this are made. */
  count: z.number(),
  /** Orders named by the first requests; the rest name orders of their own. */
  orderIds: z.array(z.string()),
  connections: z.number(),
  mode: Mode,
  warmupMs: z.number(),
  durationMs: z.number(),
  /** Where the state of every request is written, a byte each. */
  statesFile: z.string(),
});
export type Plan = z.output<typeof Plan>;

export const Summary = z.object({
  sent: z.number(),
  acknowledged: z.number(),
  refused: z.number(),
  cutOff: z.number(),
  /** Acknowledged per second after the warm-up. */
  perSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
});
export type Summary = z.output<typeof Summary>;

/** The first line the load generator prints, when its clock starts. */
export const SENDING = 'sending\n';

/** States of a request. */
export const UNSENT = 0;
export const SENT = 1;
export const ACKNOWLEDGED = 2;
export const REFUSED = 3;
export const CUT_OFF = 4;
