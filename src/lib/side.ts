import { createBreaker } from './breaker.ts';
import type { Clock } from './clock.ts';
import { UpstreamError } from './errors.ts';

const MORE_AREAS = ['stock', 'returns'] as const;

/**
 * What a call serves. A scope or role that is missing for stock or returns must not stop the orders, so each area of
 * an account is a side of its own.
 */
export type SideArea = 'orders' | (typeof MORE_AREAS)[number];

/** The side of an area; that of the orders bears the account's own name. */
export const sideName = (account: string, area: SideArea): string =>
  area === 'orders' ? account : `${account}/${area}`;

/** The account and the area that a side is of. */
export const partsOfSide = (name: string): { account: string; area: SideArea } => {
  const area = MORE_AREAS.find((suffix) => name.endsWith(`/${suffix}`));
  return area ? { account: name.slice(0, -area.length - 1), area } : { account: name, area: 'orders' };
};

export type SideState = {
  name: string;
  state: 'ok' | 'failing' | 'stopped';
  /** False until a call has shown its state: at first `ok` only means that nothing is known against it. */
  isKnown: boolean;
  sinceMs: number | null;
  /** Before this time calls are answered here; null when they go out. */
  nextTryMs: number | null;
  code: string | null;
  message: string | null;
};

/**
 * One other side as seen by one account (Amazon; a TikTok shop), with a breaker before it. It opens when credentials
 * are refused (`stopped`) and when several calls in a row found nobody there (`failing`): further calls are answered
 * here, at stage `before`, until a trial. One trial at a time; one that is answered closes it. Nothing is lost
 * meanwhile, and an outage costs neither worker time nor calls.
 */
export type Side = {
  readonly name: string;
  /** Runs a call unless the breaker is open, and learns from how it ended. */
  guard<T>(operation: string, call: () => Promise<T>): Promise<T>;
  /** Allows one trial now, whatever the time. */
  allowTrial(): void;
  state(): SideState;
  /**
   * Calls worth beginning: none while nobody answers, one while it is not known whether somebody does again. Refused
   * credentials do not count: the refusal, made here, is what the orders are to show.
   */
  admits(): number;
};

const STOPPING = new Set(['upstream_auth_refused']);
/** Nobody there. An answer that cannot be read is a fault as well, but one of an operation, not of the side. */
const AWAY = new Set(['upstream_unreachable', 'upstream_timeout', 'upstream_unavailable']);
const FAILING = new Set([...AWAY, 'upstream_malformed']);
/** Answers about the order, which show that side and credentials work. */
const ANSWERED = new Set(['upstream_conflict', 'upstream_refused']);

type Found = { state: 'stopped' | 'failing'; sinceMs: number; code: string; message: string } | null;

const refusal = (
  name: string,
  operation: string,
  { state, message }: NonNullable<Found>,
  retryAfterMs: number,
): UpstreamError =>
  new UpstreamError({
    upstream: name,
    operation,
    code: state === 'stopped' ? 'upstream_auth_refused' : 'upstream_unavailable',
    stage: 'before',
    retry: 'later',
    message: `${name} is ${state}: ${message}`,
    retryAfterMs,
    isLocal: true,
  });

export const createSide = (name: string, clock: Clock): Side => {
  const breaker = createBreaker(clock);
  let found: Found = null;
  let isKnown = false;

  const isWell = (): void => {
    found = null;
    isKnown = true;
    breaker.close();
  };

  const learn = (error: unknown): void => {
    if (!(error instanceof UpstreamError)) return;
    const { code, message } = error;
    if (ANSWERED.has(code)) return isWell();
    const state = STOPPING.has(code) ? 'stopped' : FAILING.has(code) ? 'failing' : null;
    if (state === null) return;
    isKnown = true;
    const sinceMs = found?.state === state ? found.sinceMs : clock.nowMs();
    found = { state, sinceMs, code, message };
    if (state === 'stopped') breaker.stop();
    else if (AWAY.has(code)) breaker.countFailure();
  };

  return {
    name,
    async guard(operation, call) {
      const entry = breaker.enter();
      if (!entry.mayGo && found) throw refusal(name, operation, found, entry.retryAfterMs);
      try {
        const value = await call();
        isWell();
        return value;
      } catch (error) {
        learn(error);
        throw error;
      } finally {
        if (entry.mayGo) entry.leave();
      }
    },
    allowTrial: () => breaker.allowTrial(),
    state() {
      const nextTryMs = breaker.nextTrialMs();
      if (!found) {
        return { name, state: 'ok', isKnown, sinceMs: null, nextTryMs, code: null, message: null };
      }
      return { name, isKnown, nextTryMs, ...found };
    },
    admits() {
      if (found?.state !== 'failing' || breaker.nextTrialMs() === null) return Number.POSITIVE_INFINITY;
      return breaker.waitMs() > 0 ? 0 : 1;
    },
  };
};
