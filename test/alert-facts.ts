import type { Facts } from '../src/alerts/conditions.ts';
import type { SideState } from '../src/lib/side.ts';
import type { OrderGroup } from '../src/store/store.ts';

/** `count` orders, the first five of them named. */
export const groupOf = (count: number): OrderGroup => ({
  count,
  orderIds: Array.from({ length: Math.min(5, count) }, (_, index) => `57690000000${index}`),
});

/** Facts of a service in which all is well, but for what is named. */
export const factsOf = (over: Partial<Facts> = {}): Facts => ({
  reviews: new Map(),
  atRisk: groupOf(0),
  breached: groupOf(0),
  soonestDeadlineMs: null,
  warnings: groupOf(0),
  sides: [],
  shops: [],
  ...over,
});

export const sideOf = (name: string, over: Partial<SideState> = {}): SideState => ({
  name,
  state: 'ok',
  isKnown: true,
  sinceMs: null,
  nextTryMs: null,
  code: null,
  message: null,
  ...over,
});
