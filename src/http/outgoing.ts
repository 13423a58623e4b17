import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isoTime } from '../lib/clock.ts';
import type { Endpoints } from '../outgoing/endpoints.ts';
import { DELIVERY_STATUSES } from '../outgoing/records.ts';
import type { Store } from '../store/store.ts';
import {
  ChangedEndpoint,
  Delivery,
  deliveryView,
  Endpoint,
  endpointView,
  NewEndpoint,
  Secret,
  Time,
} from './outgoing-views.ts';
import { typed } from './route-docs.ts';

export type OutgoingRoutesDeps = { endpoints: Endpoints; store: Pick<Store, 'outgoing'> };

const tags = ['Outgoing webhooks'];
const access = { needs: 'admin', isForWholeService: true } as const;
const EndpointPath = z.object({ endpointId: z.string().min(1).max(64) });
const DeliveryPath = z.object({ deliveryId: z.string().min(1).max(64) });

const readEndpoints = (app: FastifyInstance, { endpoints }: OutgoingRoutesDeps): void => {
  typed(app).get(
    '/api/outgoing-webhooks',
    {
      config: access,
      schema: {
        operationId: 'listOutgoingWebhooks',
        tags,
        summary: 'The endpoints that order events go to, the oldest first',
        response: { 200: z.object({ endpoints: z.array(Endpoint) }) },
      },
    },
    async () => ({ endpoints: (await endpoints.list()).map(endpointView) }),
  );
  typed(app).get(
    '/api/outgoing-webhooks/:endpointId',
    {
      config: { ...access, problems: ['endpoint_unknown'] },
      schema: {
        operationId: 'getOutgoingWebhook',
        tags,
        summary: 'One endpoint',
        params: EndpointPath,
        response: { 200: Endpoint },
      },
    },
    async ({ params }) => endpointView(await endpoints.find(params.endpointId)),
  );
};

const changeEndpoints = (app: FastifyInstance, { endpoints }: OutgoingRoutesDeps): void => {
  typed(app).post(
    '/api/outgoing-webhooks',
    {
      config: {
        ...access,
        problems: ['endpoint_invalid', 'too_many_endpoints'],
        audit: 'outgoing_webhook.add',
      },
      schema: {
        operationId: 'addOutgoingWebhook',
        tags,
        summary: 'Sends order events to an endpoint from now on; answers the secret that signs them',
        body: NewEndpoint,
        response: { 201: z.object({ endpoint: Endpoint, secret: Secret }) },
      },
    },
    async ({ body }, reply) => {
      const { endpoint, secret } = await endpoints.add(body);
      return reply.code(201).send({ endpoint: endpointView(endpoint), secret });
    },
  );
  typed(app).patch(
    '/api/outgoing-webhooks/:endpointId',
    {
      config: {
        ...access,
        problems: ['endpoint_unknown', 'endpoint_invalid'],
        audit: 'outgoing_webhook.change',
      },
      schema: {
        operationId: 'changeOutgoingWebhook',
        tags,
        summary: 'Changes, disables or enables an endpoint',
        params: EndpointPath,
        body: ChangedEndpoint,
        response: { 200: Endpoint },
      },
    },
    async ({ params, body: { url, description, events, shopIds, enabled } }) => {
      const change = {
        ...(url === undefined ? {} : { url }),
        ...(description === undefined ? {} : { description }),
        ...(events === undefined ? {} : { events }),
        ...(shopIds === undefined ? {} : { shopIds }),
      };
      return endpointView(await endpoints.change(params.endpointId, { ...change, enabled }));
    },
  );
  typed(app).delete(
    '/api/outgoing-webhooks/:endpointId',
    {
      config: { ...access, problems: ['endpoint_unknown'], audit: 'outgoing_webhook.remove' },
      schema: {
        operationId: 'removeOutgoingWebhook',
        tags,
        summary: 'Deletes an endpoint and its deliveries',
        params: EndpointPath,
        response: { 204: z.null().describe('Deleted') },
      },
    },
    async ({ params }, reply) => {
      await endpoints.remove(params.endpointId);
      return reply.code(204).send(null);
    },
  );
};

const tryEndpoints = (app: FastifyInstance, { endpoints }: OutgoingRoutesDeps): void => {
  typed(app).post(
    '/api/outgoing-webhooks/:endpointId/rotate-secret',
    {
      config: { ...access, problems: ['endpoint_unknown'], audit: 'outgoing_webhook.rotate_secret' },
      schema: {
        operationId: 'rotateOutgoingWebhookSecret',
        tags,
        summary: 'A new secret; the one before signs along for a day',
        params: EndpointPath,
        response: { 200: z.object({ secret: Secret, oldSecretSignsUntil: Time }) },
      },
    },
    async ({ params }) => {
      const { secret, oldUntilMs } = await endpoints.rotate(params.endpointId);
      return { secret, oldSecretSignsUntil: isoTime(oldUntilMs) };
    },
  );
  typed(app).post(
    '/api/outgoing-webhooks/:endpointId/test',
    {
      config: { ...access, problems: ['endpoint_unknown'], audit: 'outgoing_webhook.test' },
      schema: {
        operationId: 'testOutgoingWebhook',
        tags,
        summary: 'Sends `endpoint.test` once and answers what came of it',
        params: EndpointPath,
        response: { 200: Delivery },
      },
    },
    async ({ params }) => deliveryView(await endpoints.test(params.endpointId)),
  );
};

const deliveryRoutes = (app: FastifyInstance, { endpoints, store }: OutgoingRoutesDeps): void => {
  const Query = z.object({
    endpointId: z.string().min(1).max(64).optional(),
    orderId: z.string().min(1).max(64).optional(),
    status: z.enum(DELIVERY_STATUSES).optional(),
    cursor: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  });
  typed(app).get(
    '/api/outgoing-webhooks/deliveries',
    {
      config: { ...access, problems: ['cursor_invalid'] },
      schema: {
        operationId: 'listOutgoingDeliveries',
        tags,
        summary: 'Deliveries of the last 30 days, newest first',
        querystring: Query,
        response: { 200: z.object({ deliveries: z.array(Delivery), nextCursor: z.string().nullable() }) },
      },
    },
    async ({ query }) => {
      const { deliveries, nextCursor } = await store.outgoing.deliveries(query);
      return { deliveries: deliveries.map(deliveryView), nextCursor };
    },
  );
  typed(app).post(
    '/api/outgoing-webhooks/deliveries/:deliveryId/replay',
    {
      config: { ...access, problems: ['delivery_unknown'], audit: 'outgoing_webhook.replay' },
      schema: {
        operationId: 'replayOutgoingDelivery',
        tags,
        summary: 'Sends a delivery again, under the same id and with all its attempts',
        params: DeliveryPath,
        response: { 202: Delivery },
      },
    },
    async ({ params }, reply) =>
      reply.code(202).send(deliveryView(await endpoints.replay(params.deliveryId))),
  );
};

/** Outgoing webhooks: endpoints, and what was sent to them. */
export const outgoingRoutes = (app: FastifyInstance, deps: OutgoingRoutesDeps): void => {
  deliveryRoutes(app, deps);
  readEndpoints(app, deps);
  changeEndpoints(app, deps);
  tryEndpoints(app, deps);
};
