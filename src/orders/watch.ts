import type { ChannelOrder } from '../channels/channel.ts';
import type { Decision, Observation } from './decision.ts';
import type { OrderKey, OrderRecord } from './model.ts';
import type { Policy } from './policy.ts';
import type { Effect, Tally } from './with-intent.ts';

/** What a decision rests on. */
export type Seen = { observation: Observation; record: OrderRecord; policy: Policy; nowMs: number };

/** Looks on while orders are run, and changes nothing: metrics and traces. */
export type OrderWatch = {
  /** Around one run of an order. `record` is what was known before it. */
  running<T>(record: OrderRecord, run: () => Promise<T>): Promise<T>;
  /** Around a look at both sides. */
  looking<T>(look: () => Promise<T>): Promise<T>;
  /** The order was read for the first time. */
  firstRead(key: OrderKey, order: ChannelOrder): void;
  /** Each decision, rest included. */
  decided(decision: Decision, seen: Seen): void;
  /** Around an effect. `tally` counts it once it was made; `nowMs` is the time then. */
  acting<T>(effect: Effect, seen: Seen, tally: Tally, nowMs: () => number, act: () => Promise<T>): Promise<T>;
};

export const NO_WATCH: OrderWatch = {
  running: (_record, run) => run(),
  looking: (look) => look(),
  firstRead: () => undefined,
  decided: () => undefined,
  acting: (_effect, _seen, _tally, _nowMs, act) => act(),
};

/** Both look on, the first one outside. */
export const bothWatch = (outer: OrderWatch, inner: OrderWatch): OrderWatch => ({
  running: (record, run) => outer.running(record, () => inner.running(record, run)),
  looking: (look) => outer.looking(() => inner.looking(look)),
  firstRead(key, order) {
    outer.firstRead(key, order);
    inner.firstRead(key, order);
  },
  decided(decision, seen) {
    outer.decided(decision, seen);
    inner.decided(decision, seen);
  },
  acting: (effect, seen, tally, nowMs, act) =>
    outer.acting(effect, seen, tally, nowMs, () => inner.acting(effect, seen, tally, nowMs, act)),
});

/**
 * When an order was free to go: at the end of our own remorse time, or, where TikTok held it, at the order's last change,
 * which is the end of that hold as long as nothing else happened to it.
 */
export const freeFromMs = (order: ChannelOrder, { remorseHoldMs }: Policy): number =>
  order.hadChannelHold ? order.updatedAtMs : (order.paidAtMs ?? order.createdAtMs) + remorseHoldMs;
