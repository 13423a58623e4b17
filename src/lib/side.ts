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
  code: string | null;
  message: string | null;
};

/**
 * One other side as seen by one account (Amazon; a TikTok shop). Refused credentials stop it: further calls are
 * answered here, without a call, until one trial is allowed again. Nothing is lost meanwhile.
 */
export type Side = {
  readonly name: string;
  /** Runs a call unless the side is stopped, and learns from how it ended. */
  guard<T>(operation: string, call: () => Promise<T>): Promise<T>;
  /** Allows one trial now, whatever the time. */
  allowTrial(): void;
  state(): SideState;
};

const TRIAL_EVERY_MS = 15 * 60_000;
const STOPPING = new Set(['upstream_auth_refused']);
const FAILING = new Set([
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_unavailable',
  'upstream_malformed',
]);
/** Answers about the order, which show that side and credentials work. */
const ANSWERED = new Set(['upstream_conflict', 'upstream_refused']);

export const createSide = (name: string, clock: Clock): Side => {
  const ok: SideState = { name, state: 'ok', isKnown: true, sinceMs: null, code: null, message: null };
  let current: SideState = { ...ok, isKnown: false };
  let nextTrialMs = 0;

  const learn = (error: unknown): void => {
    if (!(error instanceof UpstreamError)) return;
    if (ANSWERED.has(error.code)) current = ok;
    const state = STOPPING.has(error.code) ? 'stopped' : FAILING.has(error.code) ? 'failing' : null;
    if (state === null) return;
    const sinceMs = current.state === state ? current.sinceMs : clock.nowMs();
    current = { name, state, isKnown: true, sinceMs, code: error.code, message: error.message };
    if (state === 'stopped') nextTrialMs = clock.nowMs() + TRIAL_EVERY_MS;
  };

  const refuseWhileStopped = (operation: string): void => {
    if (current.state !== 'stopped') return;
    if (clock.nowMs() < nextTrialMs) {
      throw new UpstreamError({
        upstream: name,
        operation,
        code: 'upstream_auth_refused',
        stage: 'before',
        retry: 'later',
        message: `${name} is stopped: ${current.message ?? 'credentials refused'}`,
        retryAfterMs: nextTrialMs - clock.nowMs(),
      });
    }
    nextTrialMs = clock.nowMs() + TRIAL_EVERY_MS;
  };

  return {
    name,
    async guard(operation, call) {
      refuseWhileStopped(operation);
      try {
        const value = await call();
        current = ok;
        return value;
      } catch (error) {
        learn(error);
        throw error;
      }
    },
    allowTrial() {
      nextTrialMs = 0;
    },
    state: () => current,
  };
};
