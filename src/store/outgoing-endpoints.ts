import { z } from 'zod';
import { DISABLED_WHY, type EndpointRow, OUTGOING_EVENTS, type OutgoingStore } from '../outgoing/records.ts';
import type { Access } from './access.ts';
import { seal, unseal } from './crypto.ts';
import { readColumn, readNullableColumn } from './json-columns.ts';
import type { OutgoingEndpointTableRow } from './schema-deliveries.ts';
import { type NoValues, query } from './sqlite/query.ts';

const Events = z
  .array(z.string())
  .transform((names) => OUTGOING_EVENTS.filter((name) => names.includes(name)));
const ShopIds = z.array(z.string());
const Secrets = z.array(z.object({ secret: z.string(), untilMs: z.number().nullable() }));
const Why = z.enum(DISABLED_WHY);

type EndpointValues = Omit<EndpointRow, 'events' | 'shopIds' | 'secrets'> & {
  events: string;
  shopIds: string | null;
  secrets: Uint8Array;
};

const upsertEndpoint = query<EndpointValues>()((db, slot) => {
  const contents = {
    url: slot('url'),
    description: slot('description'),
    events: slot('events'),
    shop_ids: slot('shopIds'),
    secrets: slot('secrets'),
    created_at: slot('createdAtMs'),
    disabled_at: slot('disabledAtMs'),
    disabled_why: slot('disabledWhy'),
    failing_since: slot('failingSinceMs'),
    last_error: slot('lastError'),
  };
  return db
    .insertInto('outgoing_endpoints')
    .values({ endpoint_id: slot('endpointId'), ...contents })
    .onConflict((conflict) => conflict.column('endpoint_id').doUpdateSet(contents));
});

const allEndpoints = query<NoValues>()((db) =>
  db.selectFrom('outgoing_endpoints').selectAll().orderBy('created_at').orderBy('endpoint_id'),
);

const endpointById = query<{ endpointId: string }>()((db, slot) =>
  db.selectFrom('outgoing_endpoints').selectAll().where('endpoint_id', '=', slot('endpointId')),
);

const deleteEndpoint = query<{ endpointId: string }>()((db, slot) =>
  db.deleteFrom('outgoing_endpoints').where('endpoint_id', '=', slot('endpointId')),
);

type EndpointStore = Pick<
  OutgoingStore,
  'endpoints' | 'findEndpoint' | 'addEndpoint' | 'changeEndpoint' | 'removeEndpoint'
>;

/** Where order events go. Secrets are sealed under `key` and bound to their endpoint. */
export const createEndpoints = ({ connection, read, write }: Access, key: Uint8Array): EndpointStore => {
  const toEndpoint = (row: OutgoingEndpointTableRow): EndpointRow => ({
    endpointId: row.endpoint_id,
    url: row.url,
    description: row.description,
    events: readColumn(Events, row.events, 'outgoing_endpoints.events'),
    shopIds: readNullableColumn(ShopIds, row.shop_ids, 'outgoing_endpoints.shop_ids'),
    secrets: readColumn(Secrets, unseal(key, row.endpoint_id, row.secrets), 'outgoing_endpoints.secrets'),
    createdAtMs: row.created_at,
    disabledAtMs: row.disabled_at,
    disabledWhy: row.disabled_why === null ? null : Why.parse(row.disabled_why),
    failingSinceMs: row.failing_since,
    lastError: row.last_error,
  });

  const save = (row: EndpointRow): void => {
    const events = JSON.stringify(row.events);
    const shopIds = row.shopIds && JSON.stringify(row.shopIds);
    const secrets = seal(key, row.endpointId, JSON.stringify(row.secrets));
    connection.run(upsertEndpoint, { ...row, events, shopIds, secrets });
  };

  return {
    endpoints: () => read(() => connection.all(allEndpoints, {}).map(toEndpoint)),
    findEndpoint: (endpointId) =>
      read(() => {
        const row = connection.get(endpointById, { endpointId });
        return row ? toEndpoint(row) : null;
      }),
    addEndpoint: (row) => write(() => save(row)),
    changeEndpoint: (endpointId, change) =>
      write(() => {
        const row = connection.get(endpointById, { endpointId });
        if (!row) return null;
        const changed = { ...toEndpoint(row), ...change };
        save(changed);
        return changed;
      }),
    removeEndpoint: (endpointId) => write(() => connection.run(deleteEndpoint, { endpointId }) > 0),
  };
};
