import type { Clock } from '../lib/clock.ts';
import { UpstreamError } from '../lib/errors.ts';
import type { HttpClient, HttpResponse } from '../lib/http-client.ts';
import { bodyOf } from './events.ts';
import type { Attempt, DeliveryRow, EndpointRow, Outcome } from './records.ts';
import { GIVE_UP_MS, nextAttemptMs } from './schedule.ts';
import { signedHeaders } from './signature.ts';

export type DeliverDeps = {
  http: HttpClient;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  /** Endpoints may lie in the own network. */
  allowPrivate: boolean;
  userAgent: string;
};

/** `retryAfterMs`: the receiver asked for so long a wait; 0: it did not. */
export type Result = Attempt & { retryAfterMs: number };

const TIMEOUT_MS = 15_000;
const LIMIT = { ratePerSecond: 20, burst: 20 };
const GONE = 410;

const retryAfterOf = ({ headers }: HttpResponse): number => {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
};

const answered = (response: HttpResponse, atMs: number): Result => {
  const { status } = response;
  const isTaken = status >= 200 && status < 300;
  const error = isTaken ? null : `The endpoint answered ${status}; only 2xx counts as taken.`;
  return { atMs, status, error, retryAfterMs: retryAfterOf(response) };
};

/** Sends a delivery once. Null: it was not sent, because too much goes there at the moment. */
export const sendOnce = async (
  { http, clock, allowPrivate, userAgent }: DeliverDeps,
  endpoint: EndpointRow,
  delivery: Pick<DeliveryRow, 'messageId' | 'type' | 'atMs' | 'data'>,
): Promise<Result | null> => {
  const body = bodyOf(delivery);
  const { messageId } = delivery;
  const { secrets } = endpoint;
  try {
    const response = await http.send({
      upstream: 'outgoing-webhook',
      account: endpoint.endpointId,
      operation: 'deliver',
      limit: LIMIT,
      method: 'POST',
      url: endpoint.url,
      headers: { 'content-type': 'application/json', 'user-agent': userAgent },
      body,
      sign: () => ({ headers: signedHeaders({ messageId, body, secrets }, clock.nowMs()) }),
      timeoutMs: TIMEOUT_MS,
      stranger: allowPrivate ? 'any' : 'public',
    });
    return answered(response, clock.nowMs());
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    if (error.isLocal) return null;
    return { atMs: clock.nowMs(), status: null, error: error.message, retryAfterMs: 0 };
  }
};

/** What follows from a result: pure. */
export const outcomeOf = (
  endpoint: Pick<EndpointRow, 'failingSinceMs'>,
  { attempts }: Pick<DeliveryRow, 'attempts'>,
  { status, error, atMs, retryAfterMs }: Result,
  random: number,
): Outcome => {
  if (error === null) return { kind: 'delivered' };
  if (status === GONE) return { kind: 'disable', why: 'gone' };
  const { failingSinceMs } = endpoint;
  if (failingSinceMs !== null && atMs - failingSinceMs >= GIVE_UP_MS)
    return { kind: 'disable', why: 'failing' };
  const againMs = nextAttemptMs(attempts + 1, atMs, { random, retryAfterMs });
  return againMs === null ? { kind: 'ended' } : { kind: 'again', atMs: againMs };
};
