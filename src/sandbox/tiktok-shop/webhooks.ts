import { EVENT_TYPES } from './events.ts';
import { webhookSignature } from './signing.ts';
import { type Announce, nowSeconds, type World } from './state.ts';

const ACK_MS = 3000;
const MINUTE_MS = 60_000;
const RETRY_AFTER_MS = [2 * MINUTE_MS, 30 * MINUTE_MS, 180 * MINUTE_MS, 720 * MINUTE_MS];

/**
 * One notification on its way. `lost`: never sent (switched off, told to lose it, nobody listens). `refused`: answered
 * 401, which is final. `waiting`: not acknowledged yet, will be sent again. `dropped`: out of retries.
 */
export type WebhookDelivery = {
  notificationId: string;
  type: number;
  orderId: string | null;
  status: 'sending' | 'delivered' | 'lost' | 'refused' | 'waiting' | 'dropped';
  attempts: number;
  lastStatus: number | null;
  body: string;
};

export type SendOptions = { secret?: string; notificationId?: string; shopId?: string; timestamp?: number };

export type Webhooks = {
  /** Where notifications go; `null` for nowhere. */
  url: string | null;
  /** Clock time between an event and its first delivery. */
  delayMs: number;
  /** Drops the next `count` notifications for good. */
  lose(count: number): void;
  /** Sends the next `count` notifications twice, with the same id. */
  duplicate(count: number): void;
  off(): void;
  on(): void;
  /** Resolves when no delivery is on the wire; waiting retries do not count. */
  idle(): Promise<void>;
  readonly deliveries: WebhookDelivery[];
  /** Signs and sends one notification now, without retries, and tells the answer. */
  send: (
    type: number,
    data: Record<string, unknown>,
    options?: SendOptions,
  ) => Promise<{ status: number; body: string }>;
  sign: (rawBody: string) => string;
  announce: Announce;
  close(): void;
};

/** Delivers one notification and answers what the other side said; throws `TimeoutError` after three seconds. */
export type Post = (body: string, signature: string) => Promise<{ status: number; body: string }>;

const createPost =
  (where: () => string | null, closing: AbortSignal): Post =>
  async (body, signature) => {
    const url = where();
    if (url === null) throw new Error('the sandbox has no webhook URL');
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: signature },
      body,
      signal: AbortSignal.any([closing, AbortSignal.timeout(ACK_MS)]),
    });
    return { status: response.status, body: await response.text() };
  };

const note = (world: World, message: string): void => {
  world.violations.push({ at: world.clock.nowMs(), operation: 'webhook', message });
};

const createCourier = (world: World, post: Post, sign: (body: string) => string) => {
  const fail = (delivery: WebhookDelivery): void => {
    const afterMs = RETRY_AFTER_MS[delivery.attempts - 1];
    delivery.status = afterMs === undefined ? 'dropped' : 'waiting';
  };
  return async (delivery: WebhookDelivery): Promise<void> => {
    delivery.attempts += 1;
    delivery.status = 'sending';
    try {
      const answer = await post(delivery.body, sign(delivery.body));
      delivery.lastStatus = answer.status;
      if (answer.status === 200) {
        delivery.status = 'delivered';
        if (answer.body !== '') note(world, 'a notification was acknowledged with a body');
      } else if (answer.status === 401) delivery.status = 'refused';
      else fail(delivery);
    } catch (error) {
      delivery.lastStatus = null;
      if (error instanceof Error && error.name === 'TimeoutError')
        note(world, 'a notification was not acknowledged within 3 seconds');
      fail(delivery);
    }
  };
};

const createSender = (
  world: World,
  courier: (delivery: WebhookDelivery) => Promise<void>,
  closing: AbortSignal,
) => {
  const flying = new Set<Promise<void>>();
  const start = (delivery: WebhookDelivery, delayMs: number): void => {
    const flight = (async () => {
      if (delayMs > 0) await world.clock.sleep(delayMs, closing);
      if (closing.aborted) return;
      await courier(delivery);
      const afterMs = RETRY_AFTER_MS[delivery.attempts - 1];
      if (delivery.status === 'waiting' && afterMs !== undefined)
        world.timers.at(world.clock.nowMs() + afterMs, () => start(delivery, 0));
    })().finally(() => flying.delete(flight));
    flying.add(flight);
  };
  const idle = async (): Promise<void> => {
    while (flying.size > 0) await Promise.all(flying);
  };
  return { start, idle };
};

const createEnvelope =
  (world: World) =>
  (type: number, data: Record<string, unknown>, options: SendOptions = {}) => ({
    type,
    tts_notification_id: options.notificationId ?? world.nextId.notification(),
    shop_id: options.shopId ?? world.shop.id,
    timestamp: options.timestamp ?? nowSeconds(world),
    data,
  });

const createSwitches = () => {
  let toLose = 0;
  let toDuplicate = 0;
  let enabled = true;
  return {
    lose: (count: number): void => void (toLose += count),
    duplicate: (count: number): void => void (toDuplicate += count),
    off: (): void => void (enabled = false),
    on: (): void => void (enabled = true),
    /** How many copies of the next notification go out; 0 when it is lost. */
    copies: (): 0 | 1 | 2 => {
      if (!enabled) return 0;
      if (toLose > 0) {
        toLose -= 1;
        return 0;
      }
      if (toDuplicate === 0) return 1;
      toDuplicate -= 1;
      return 2;
    },
  };
};

/** The simulator's side of webhooks: signed, retried on TikTok's schedule, and spoilt on request. */
export const createWebhooks = (
  world: World,
  options: { appKey: string; appSecret: string; url: string | null; post?: Post | undefined },
): Webhooks => {
  const closing = new AbortController();
  const sign = (rawBody: string): string => webhookSignature(options.appKey, options.appSecret, rawBody);
  const post = options.post ?? createPost(() => webhooks.url, closing.signal);
  const { start, idle } = createSender(world, createCourier(world, post, sign), closing.signal);
  const envelope = createEnvelope(world);
  const { copies, ...switches } = createSwitches();
  const deliveries: WebhookDelivery[] = [];

  const announce: Announce = (type, data, orderId) => {
    const message = envelope(type, data);
    const common = {
      notificationId: message.tts_notification_id,
      type,
      orderId,
      attempts: 0,
      lastStatus: null,
    };
    const body = JSON.stringify(message);
    const isWanted = !world.settings.needsRegistration || world.registrations.has(EVENT_TYPES[type] ?? '');
    const count = webhooks.url === null || !isWanted ? 0 : copies();
    if (count === 0) deliveries.push({ ...common, status: 'lost', body });
    for (let copy = 0; copy < count; copy += 1) {
      const delivery: WebhookDelivery = { ...common, status: 'sending', body };
      deliveries.push(delivery);
      start(delivery, webhooks.delayMs);
    }
  };

  const webhooks: Webhooks = {
    url: options.url,
    delayMs: 0,
    ...switches,
    idle,
    deliveries,
    send(type, data, sendOptions = {}) {
      const body = JSON.stringify(envelope(type, data, sendOptions));
      return post(body, webhookSignature(options.appKey, sendOptions.secret ?? options.appSecret, body));
    },
    sign,
    announce,
    close: () => closing.abort(),
  };
  return webhooks;
};
