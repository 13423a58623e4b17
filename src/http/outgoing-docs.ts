import { z } from 'zod';
import { EVENT_SUMMARIES, OrderEventData } from '../outgoing/events.ts';
import { OUTGOING_EVENTS, type OutgoingEvent } from '../outgoing/records.ts';

const header = (name: string, description: string): object => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
});

const HEADERS = [
  header('webhook-id', 'The same in every attempt: what was seen before can be passed over'),
  header('webhook-timestamp', 'Unix seconds of the attempt; refuse what is minutes old'),
  header(
    'webhook-signature',
    '`v1,` and the base64 HMAC-SHA256 of id, timestamp and body; several while a secret is replaced',
  ),
];

const bodySchema = (type: OutgoingEvent): object => {
  const message = z.object({ type: z.literal(type), timestamp: z.iso.datetime(), data: OrderEventData });
  const { $schema: _, ...schema } = z.toJSONSchema(message);
  return schema;
};

const operationOf = (type: OutgoingEvent): object => ({
  operationId: `on.${type}`,
  tags: ['Outgoing webhooks'],
  summary: EVENT_SUMMARIES[type],
  security: [],
  parameters: HEADERS,
  requestBody: { required: true, content: { 'application/json': { schema: bodySchema(type) } } },
  responses: {
    '2XX': { description: 'Taken' },
    '410': { description: 'Never again: the endpoint is disabled' },
    default: { description: 'Sent again later, for about three days' },
  },
});

/** The `webhooks` of the OpenAPI document: what endpoints of outgoing webhooks receive. */
export const outgoingDocs = (): Record<string, object> =>
  Object.fromEntries(OUTGOING_EVENTS.map((type) => [type, { post: operationOf(type) }]));
