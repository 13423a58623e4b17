import { createEndpoints, type Endpoints } from '../outgoing/endpoints.ts';
import { createSender, type Sender } from '../outgoing/sender.ts';
import { VERSION } from '../version.ts';
import { faultLog } from './faults.ts';
import type { Parts } from './parts.ts';

export type Outgoing = { endpoints: Endpoints; sender: Sender };

/** Outgoing webhooks: what is sent comes from the store, which writes it down with each change. */
export const wireOutgoing = (parts: Parts): Outgoing => {
  const { config, clock, http, store, random, logger } = parts;
  const deps = {
    store,
    http,
    clock,
    random,
    allowPrivate: config.OUTGOING_ALLOW_PRIVATE,
    userAgent: `mcf-connector/${VERSION}`,
  };
  const sender = createSender({
    ...deps,
    onFault: faultLog(parts),
    onDisabled: ({ endpointId }, { why }) =>
      logger.warn({ endpointId, why }, 'an outgoing webhook is disabled: nothing goes there any more'),
  });
  return { endpoints: createEndpoints({ ...deps, wake: () => sender.wake() }), sender };
};
