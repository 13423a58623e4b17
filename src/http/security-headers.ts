import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** For answers that are made before any hook of a route runs. */
export const BARE_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const;

/**
 * Headers that keep a browser from making more of an answer than the data it is, and anything on the way from keeping
 * it. Holds for the scope it is registered in and for all below; the webhook, whose answer is empty and read by a
 * machine, lies outside. Strict-Transport-Security is not sent: this service speaks plain HTTP, and what ends TLS in
 * front of it knows for which names and how long the promise can be kept.
 */
export const addSecurityHeaders = async (scope: FastifyInstance): Promise<void> => {
  await scope.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  });
  scope.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', BARE_HEADERS['cache-control']);
    done();
  });
};
