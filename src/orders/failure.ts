import { describeError, UpstreamError } from '../lib/errors.ts';
import { type Backoff, backoffDelayMs } from '../lib/retry.ts';
import type { OrderPatch } from '../store/store.ts';
import { HOUR_MS } from './decision.ts';
import type { OrderRecord } from './model.ts';
import type { ReasonCode } from './reasons.ts';

export type FailureRules = { backoff: Backoff; random(): number };

/** Unreadable answers in a row before a person is told (the tries go on). */
const MALFORMED_BEFORE_REVIEW = 5;

/** Why a person has to look at a call that no repetition helps. */
const lastingReason = (error: UpstreamError): ReasonCode => {
  if (error.upstream !== 'amazon-mcf') return 'channel_refused';
  return error.code === 'upstream_config_refused' ? 'mcf_config' : 'mcf_refused';
};

/** Orders turned away together come back spread over this much more of their pause. */
const SPREAD = 0.2;

/**
 * When the order is looked at again, and as which failure in a row. A call that was answered on our side did not fail:
 * the order comes back when it said so, however often that happens. It counts as one failure, by which a pass knows that
 * the order still waits for its look.
 */
const nextLook = (
  record: OrderRecord,
  error: UpstreamError | null,
  rules: FailureRules,
): { failures: number; pauseMs: number } => {
  if (error?.isLocal && error.retryAfterMs !== undefined) {
    return {
      failures: Math.max(1, record.failures),
      pauseMs: error.retryAfterMs * (1 + SPREAD * rules.random()),
    };
  }
  const pauseMs = Math.max(
    backoffDelayMs(rules.backoff, record.failures, rules.random()),
    error?.retryAfterMs ?? 0,
    error?.retry === 'never' ? HOUR_MS : 0,
  );
  return { failures: record.failures + 1, pauseMs };
};

/** What a failed look leaves behind: a review keeps its own reason, everything has a next attempt. */
export const failurePatch = (
  record: OrderRecord,
  error: unknown,
  rules: FailureRules,
  nowMs: number,
): OrderPatch => {
  const upstream = error instanceof UpstreamError ? error : null;
  const { failures, pauseMs } = nextLook(record, upstream, rules);
  const patch: OrderPatch = { failures, nextAttemptAtMs: nowMs + Math.ceil(pauseMs) };
  const { code, message } = describeError(error);
  const reviewReason =
    upstream?.retry === 'never'
      ? lastingReason(upstream)
      : code === 'upstream_malformed' && failures >= MALFORMED_BEFORE_REVIEW
        ? 'answers_malformed'
        : null;
  if (reviewReason) return { ...patch, stage: 'review', reason: reviewReason, detail: message };
  if (record.stage === 'review') return patch;
  const unclear = record.intent?.kind === 'create';
  const refused = code === 'upstream_auth_refused';
  const reason = unclear ? 'create_unclear' : refused ? 'credentials_refused' : 'upstream_failing';
  return { ...patch, reason, detail: message };
};
