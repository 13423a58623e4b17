import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { HttpClient } from '../lib/http-client.ts';
import type { SideState } from '../lib/side.ts';
import { AT_RISK_MS } from '../orders/deadlines.ts';
import type { Store } from '../store/store.ts';
import { type Alerter, createAlerter, type Destination } from './alerter.ts';
import type { Facts } from './conditions.ts';
import { createMailDestination } from './mail.ts';
import { createRounds, type Rounds } from './rounds.ts';
import { createWebhookDestination } from './webhook.ts';

export type AlertOptions = {
  webhookUrl: string | undefined;
  smtpUrl: string | undefined;
  mailFrom: string | undefined;
  mailTo: readonly string[] | undefined;
  http: HttpClient;
  store: Pick<Store, 'orders' | 'cursors' | 'shops' | 'outgoing'>;
  sides(): readonly SideState[];
  dailyReport(): Promise<Facts['dailyReport']>;
  clock: Clock;
  logger: Pick<FastifyBaseLogger, 'warn'>;
  onFault(error: unknown): void;
};

export type Alerts = Alerter & Rounds;

const destinationsOf = (options: AlertOptions): Destination[] => {
  const { webhookUrl, smtpUrl, mailFrom, mailTo, http } = options;
  const destinations: Destination[] = [];
  if (webhookUrl) destinations.push(createWebhookDestination(http, webhookUrl));
  if (smtpUrl && mailFrom && mailTo)
    destinations.push(createMailDestination({ smtpUrl, from: mailFrom, to: mailTo }));
  return destinations;
};

/** Alerts about orders and sides; null when no destination is configured. */
export const createAlerts = (options: AlertOptions): Alerts | null => {
  const { store, clock, logger } = options;
  const destinations = destinationsOf(options);
  if (destinations.length === 0) return null;
  const alerter = createAlerter({
    destinations,
    facts: async () => ({
      ...(await store.orders.alertFacts(clock.nowMs(), AT_RISK_MS)),
      sides: options.sides(),
      shops: (await store.shops.all()).filter(({ stoppedAtMs }) => stoppedAtMs === null),
      dailyReport: await options.dailyReport(),
      endpoints: await store.outgoing.endpoints(),
    }),
    store,
    clock,
    onUndelivered: (destination, error) =>
      logger.warn({ destination, ...describeError(error) }, 'alert not delivered, tried again in a minute'),
    onFault: (error) => options.onFault(error),
  });
  return { ...alerter, ...createRounds(() => alerter.round(), clock) };
};
