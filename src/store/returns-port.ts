import type { OrderEvent, OrderKey, ReturnReading, ReturnRecord, ReturnReview } from '../orders/model.ts';

/** What changes about a return; absent fields stay. */
export type ReturnChange = {
  amazonState?: ReturnRecord['amazonState'];
  requestedAtMs?: number | null;
  rmaIds?: string[];
  askedFor?: string | null;
  /** What the order shows a person about this return: null takes it away, absent leaves it as it is. */
  review?: ReturnReview | null;
  /** One line of the order's timeline. */
  event?: OrderEvent;
  /** Nothing more is to be decided about the record's `seq`. */
  isSettled: boolean;
};

export type ReturnStore = {
  /**
   * Keeps what the channel says of a return, with one line of its order's timeline for each new state. A return of
   * an order that is not known, or one read before what is kept, changes nothing.
   */
  takeIn(reading: ReturnReading, nowMs: number): Promise<void>;
  /** Returns of a shop about which something is to be decided, changed longest ago first. */
  unsettled(shop: { channel: string; shopId: string }): Promise<ReturnRecord[]>;
  /**
   * Commits a change in one transaction with what the order shows of it, and makes the order due when that differs.
   * False when another runner was faster: the record is settled, or what was asked of Amazon is not what it says.
   */
  commit(record: ReturnRecord, change: ReturnChange, nowMs: number): Promise<boolean>;
  /** The returns of an order. */
  ofOrder(key: OrderKey): Promise<ReturnRecord[]>;
};
