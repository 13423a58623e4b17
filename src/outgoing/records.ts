/** What an endpoint can be told of. */
export const OUTGOING_EVENTS = [
  'order.routed',
  'order.shipped',
  'order.review',
  'order.review_resolved',
  'order.cancelled',
  'order.completed',
] as const;
export type OutgoingEvent = (typeof OUTGOING_EVENTS)[number];

/** Sent by hand, to see whether an endpoint takes deliveries. */
export const TEST_EVENT = 'endpoint.test';

/** A signing secret, `whsec_…`. One that was replaced signs along until `untilMs`. */
export type SigningSecret = { secret: string; untilMs: number | null };

/** Why nothing goes there: a person wanted it so, it answered 410, or it took nothing for days. */
export const DISABLED_WHY = ['person', 'gone', 'failing'] as const;
export type DisabledWhy = (typeof DISABLED_WHY)[number];

/** Where order events go. Times are Unix milliseconds. */
export type EndpointRow = {
  endpointId: string;
  url: string;
  description: string | null;
  events: OutgoingEvent[];
  /** Null: all shops there are and will be. */
  shopIds: string[] | null;
  /** The newest first. Stored sealed. */
  secrets: SigningSecret[];
  createdAtMs: number;
  disabledAtMs: number | null;
  disabledWhy: DisabledWhy | null;
  /** The first failure since something was last taken; null: all is well. */
  failingSinceMs: number | null;
  /** What the last failure was; null: all is well. */
  lastError: string | null;
};

/** `failed`: it is not tried any more, unless a person replays it. */
export const DELIVERY_STATUSES = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** One event for one endpoint. No buyer's data. */
export type DeliveryRow = {
  id: number;
  endpointId: string;
  /** The `webhook-id` of every attempt. */
  messageId: string;
  type: string;
  /** When what it tells of happened. */
  atMs: number;
  shopId: string | null;
  orderId: string | null;
  /** JSON text, as it was when that happened. */
  data: string;
  status: DeliveryStatus;
  attempts: number;
  nextAttemptAtMs: number | null;
  lastAttemptAtMs: number | null;
  /** The HTTP status it was answered with; null: no answer. */
  lastStatus: number | null;
  lastError: string | null;
};

/** How an attempt ended. */
export type Attempt = { atMs: number; status: number | null; error: string | null };

/** What follows from an attempt. `ended` without success: it is not tried again. */
export type Outcome =
  | { kind: 'delivered' }
  | { kind: 'again'; atMs: number }
  | { kind: 'ended' }
  /** The endpoint is disabled, and this delivery with what else waits for it stays until it is enabled again. */
  | { kind: 'disable'; why: DisabledWhy };

export type DeliveryQuery = {
  endpointId?: string | undefined;
  orderId?: string | undefined;
  status?: DeliveryStatus | undefined;
  cursor?: string | undefined;
  limit: number;
};

/**
 * Endpoints and deliveries. Those of order events are written by the database itself, in the transaction of the
 * order's change.
 */
export type OutgoingStore = {
  /** The oldest first. */
  endpoints(): Promise<EndpointRow[]>;
  findEndpoint(endpointId: string): Promise<EndpointRow | null>;
  addEndpoint(row: EndpointRow): Promise<void>;
  /** Null when there is none. */
  changeEndpoint(
    endpointId: string,
    change: Partial<Omit<EndpointRow, 'endpointId'>>,
  ): Promise<EndpointRow | null>;
  /** With its deliveries. False when there is none. */
  removeEndpoint(endpointId: string): Promise<boolean>;
  /** Deliveries for an endpoint that are due, in the order of their events. */
  due(endpointId: string, nowMs: number, limit: number): Promise<DeliveryRow[]>;
  /** Writes down how an attempt ended, together with what it says of the endpoint. */
  settle(delivery: DeliveryRow, attempt: Attempt, outcome: Outcome): Promise<void>;
  addDelivery(delivery: Omit<DeliveryRow, 'id'>): Promise<void>;
  /** How many are still to be delivered. */
  countWaiting(): Promise<number>;
  findDelivery(messageId: string): Promise<DeliveryRow | null>;
  /** Makes it due anew with all its attempts. False when there is none. */
  replay(messageId: string, nowMs: number): Promise<boolean>;
  /** Newest first. Throws `AppError` for a cursor it did not give out. */
  deliveries(query: DeliveryQuery): Promise<{ deliveries: DeliveryRow[]; nextCursor: string | null }>;
  /** Deletes what happened before `beforeMs`, of the `limit` oldest. Answers how many. */
  prune(beforeMs: number, limit: number): Promise<number>;
};
