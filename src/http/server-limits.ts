import type { FastifyServerOptions } from 'fastify';

/** How long a peer may take. Milliseconds. */
export type ServerLimits = {
  /** For the header block of a request, from the connection or the end of the request before. */
  headersMs: number;
  /** For a whole request with its body. */
  requestMs: number;
  /** For the next request on a connection that is kept. */
  keepAliveMs: number;
  /** Without a byte in either direction while a request is being worked on or its answer is not taken. */
  silentMs: number;
  /** How often requests that are too slow are looked for. */
  checkMs: number;
};

export const SERVER_LIMITS: ServerLimits = {
  headersMs: 15_000,
  // The largest body is a SKU map of 16 MiB; TikTok gives up on a webhook after 3 s.
  requestMs: 30_000,
  // Longer than the 60 s of common load balancers, or one would send a request into a connection that is just closing.
  keepAliveMs: 75_000,
  // A pass says nothing until it ends, and a large shop's takes minutes.
  silentMs: 600_000,
  // Node's own 30 s would let a slow request live twice its time.
  checkMs: 1_000,
};

/**
 * Fastify sets no time for a request unless told so. The header block stays at Node's 16 KiB, a JSON body at Fastify's
 * 1 MiB; the webhook and the SKU map name their own sizes.
 */
export const serverOptions = (
  limits: ServerLimits,
): Pick<
  FastifyServerOptions,
  'connectionTimeout' | 'keepAliveTimeout' | 'requestTimeout' | 'routerOptions'
> & {
  http: { headersTimeout: number; requestTimeout: number; connectionsCheckingInterval: number };
} => ({
  connectionTimeout: limits.silentMs,
  keepAliveTimeout: limits.keepAliveMs,
  requestTimeout: limits.requestMs,
  http: {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkMs,
  },
  // No id of ours or of TikTok's is longer; the router looks at nothing beyond.
  routerOptions: { ignoreTrailingSlash: true, maxParamLength: 100 },
});
