import { randomUUID } from 'node:crypto';
import { type Clock, daysToMs } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { requirePublicHost } from '../lib/public-address.ts';
import type { Store } from '../store/store.ts';
import { type ByHand, createByHand } from './by-hand.ts';
import type { DeliverDeps } from './deliver.ts';
import type { EndpointRow, OutgoingEvent } from './records.ts';
import { newSigningSecret } from './signature.ts';

/** What a person says of an endpoint. */
export type EndpointSettings = {
  url: string;
  description: string | null;
  events: OutgoingEvent[];
  /** Null: all shops there are and will be. */
  shopIds: string[] | null;
};

/** Endpoints of outgoing webhooks. Methods that name one throw `endpoint_unknown`. */
export type Endpoints = ByHand & {
  list(): Promise<EndpointRow[]>;
  find(endpointId: string): Promise<EndpointRow>;
  /** The only time its secret is given out. Throws `endpoint_invalid` and `too_many_endpoints`. */
  add(settings: EndpointSettings): Promise<{ endpoint: EndpointRow; secret: string }>;
  /** Enabling it forgets its failures; what waited meanwhile is sent. Throws `endpoint_invalid`. */
  change(
    endpointId: string,
    change: Partial<EndpointSettings> & { enabled?: boolean | undefined },
  ): Promise<EndpointRow>;
  /** With its deliveries. */
  remove(endpointId: string): Promise<void>;
  /** Signs with a new secret from now on, and with the one before too for a day. */
  rotate(endpointId: string): Promise<{ secret: string; oldUntilMs: number }>;
};

export type EndpointsDeps = DeliverDeps & {
  store: Pick<Store, 'outgoing' | 'shops'>;
  clock: Clock;
  /** Something may have become due. */
  wake(): void;
};

const MOST = 20;
const OLD_SECRET_MS = daysToMs(1);

const unknownEndpoint = (): AppError => new AppError('endpoint_unknown', 404, 'There is no such endpoint.');

const invalid = (text: string): AppError => new AppError('endpoint_invalid', 400, text);

const requireUrl = (text: string, allowPrivate: boolean): void => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')))
    throw invalid(`url: must be an https${allowPrivate ? ' or http' : ''} address.`);
  if (url.username !== '' || url.password !== '')
    throw invalid('url: must hold no user and password; check the signature of what you receive instead.');
  if (url.hash !== '') throw invalid('url: must have no part behind a #.');
  if (allowPrivate) return;
  try {
    requirePublicHost(text);
  } catch {
    throw invalid(
      'url: lies in a private network; set OUTGOING_ALLOW_PRIVATE=true to let deliveries go there.',
    );
  }
};

export const createEndpoints = (deps: EndpointsDeps): Endpoints => {
  const { store, clock, allowPrivate } = deps;
  const { outgoing } = store;

  const find = async (endpointId: string): Promise<EndpointRow> => {
    const endpoint = await outgoing.findEndpoint(endpointId);
    if (!endpoint) throw unknownEndpoint();
    return endpoint;
  };

  const byHand = createByHand(deps, find);

  const requireSettings = async ({ url, shopIds }: Partial<EndpointSettings>): Promise<void> => {
    if (url !== undefined) requireUrl(url, allowPrivate);
    for (const shopId of shopIds ?? [])
      if (!(await store.shops.find(shopId))) throw invalid(`shopIds: there is no shop ${shopId}.`);
  };

  const enabling = (endpoint: EndpointRow, enabled: boolean | undefined): Partial<EndpointRow> => {
    const isEnabled = endpoint.disabledAtMs === null;
    if (enabled === undefined || enabled === isEnabled) return {};
    return enabled
      ? { disabledAtMs: null, disabledWhy: null, failingSinceMs: null, lastError: null }
      : { disabledAtMs: clock.nowMs(), disabledWhy: 'person' };
  };

  return {
    list: () => outgoing.endpoints(),
    find,
    async add(settings) {
      await requireSettings(settings);
      if ((await outgoing.endpoints()).length >= MOST)
        throw new AppError('too_many_endpoints', 409, `There are ${MOST} endpoints at most.`);
      const secret = newSigningSecret();
      const endpoint: EndpointRow = {
        endpointId: randomUUID(),
        ...settings,
        secrets: [{ secret, untilMs: null }],
        createdAtMs: clock.nowMs(),
        disabledAtMs: null,
        disabledWhy: null,
        failingSinceMs: null,
        lastError: null,
      };
      await outgoing.addEndpoint(endpoint);
      deps.wake();
      return { endpoint, secret };
    },
    async change(endpointId, { enabled, ...settings }) {
      await requireSettings(settings);
      const endpoint = await find(endpointId);
      const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
      const changed = await outgoing.changeEndpoint(endpointId, {
        ...given,
        ...enabling(endpoint, enabled),
      });
      if (!changed) throw unknownEndpoint();
      deps.wake();
      return changed;
    },
    async remove(endpointId) {
      if (!(await outgoing.removeEndpoint(endpointId))) throw unknownEndpoint();
    },
    async rotate(endpointId) {
      const endpoint = await find(endpointId);
      const secret = newSigningSecret();
      const oldUntilMs = clock.nowMs() + OLD_SECRET_MS;
      const before = endpoint.secrets.slice(0, 1).map((old) => ({ ...old, untilMs: oldUntilMs }));
      const secrets = [{ secret, untilMs: null }, ...before];
      if (!(await outgoing.changeEndpoint(endpointId, { secrets }))) throw unknownEndpoint();
      return { secret, oldUntilMs };
    },
    ...byHand,
  };
};
