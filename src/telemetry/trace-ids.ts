import { createHash } from 'node:crypto';
import { keyText, type OrderKey } from '../orders/model.ts';

export type TraceIds = {
  /** 32 hex digits. */
  traceId: string;
  /** Of the trace's root, 16 hex digits. */
  rootSpanId: string;
};

const ZERO = /^0+$/;

/**
 * The ids of an order's trace follow from its key, so every process finds them at any time and none has to be kept.
 * OpenTelemetry forbids ids of zeros only.
 */
export const traceIdsOf = (key: OrderKey): TraceIds => {
  const digest = createHash('sha256').update(keyText(key)).digest('hex');
  const traceId = digest.slice(0, 32);
  const rootSpanId = digest.slice(32, 48);
  return {
    traceId: ZERO.test(traceId) ? `${traceId.slice(0, 31)}1` : traceId,
    rootSpanId: ZERO.test(rootSpanId) ? `${rootSpanId.slice(0, 15)}1` : rootSpanId,
  };
};
