import type { OrderRecord, Stage } from './model.ts';

/** How close an order is to breaking a promise that TikTok holds the seller to. */
export type Risk = {
  state: 'none' | 'at_risk' | 'breached';
  /** Which deadline is meant: ship by (`rts_sla_time`) or TikTok's own cancellation. */
  deadline: 'ship_by' | 'auto_cancel' | null;
  atMs: number | null;
};

/** A person needs this long to act before a deadline: a working day's evening is still in it. */
export const AT_RISK_MS = 12 * 3_600_000;

/** Stages in which a deadline can still be missed. */
export const RISKY_STAGES: readonly Stage[] = ['waiting', 'routing', 'fulfilling', 'review'];

const NO_RISK: Risk = { state: 'none', deadline: null, atMs: null };

/**
 * Whether the order ships in time, by TikTok's own timestamps and, when Amazon gave one, its expected ship date: an
 * order that Amazon means to ship after the deadline is at risk at once, however far away that is. Pure.
 */
export const riskOf = (
  record: Pick<OrderRecord, 'stage' | 'shipByMs' | 'autoCancelMs' | 'expectedShipAtMs'>,
  nowMs: number,
): Risk => {
  if (!RISKY_STAGES.includes(record.stage)) return NO_RISK;
  const { shipByMs, autoCancelMs, expectedShipAtMs } = record;
  if (autoCancelMs !== null && nowMs >= autoCancelMs - AT_RISK_MS) {
    return {
      state: nowMs >= autoCancelMs ? 'breached' : 'at_risk',
      deadline: 'auto_cancel',
      atMs: autoCancelMs,
    };
  }
  if (shipByMs === null) return NO_RISK;
  const willBeLate = expectedShipAtMs !== null && expectedShipAtMs > shipByMs;
  if (nowMs >= shipByMs) return { state: 'breached', deadline: 'ship_by', atMs: shipByMs };
  if (willBeLate || nowMs >= shipByMs - AT_RISK_MS)
    return { state: 'at_risk', deadline: 'ship_by', atMs: shipByMs };
  return NO_RISK;
};
