import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance, isAxiosError } from 'axios';
import { UpstreamError } from './errors.ts';
import type { Limit, Quota } from './quota.ts';

export type HttpRequest = {
  upstream: string;
  /** Whose quota and token this is: a shop, a seller account. */
  account: string;
  operation: string;
  limit: Limit;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  /** The exact bytes that were signed; absent means no body at all. */
  body?: string;
  timeoutMs?: number;
};

export type HttpResponse = { status: number; headers: Record<string, string>; text: string };

/** One finished call, for logs and metrics: names and numbers only, never a URL or a body. */
export type CallOutcome = {
  upstream: string;
  account: string;
  operation: string;
  status: number | null;
  durationMs: number;
  requestId: string | undefined;
};

/** Sends one call, once. Waits for quota first. Any HTTP status is a response; only a broken exchange throws. */
export type HttpClient = { send(request: HttpRequest): Promise<HttpResponse>; close(): void };

const DEFAULT_TIMEOUT_MS = 10_000;
/** TikTok's and Amazon's largest pages are well under 2 MiB; more is not an answer but an attack or a fault. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
/** Errors of a connection that never carried the request, so that a write surely had no effect. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

export const quotaKey = (request: Pick<HttpRequest, 'upstream' | 'account' | 'operation'>): string =>
  `${request.upstream}/${request.account}/${request.operation}`;

const toUpstreamError = (request: HttpRequest, error: unknown): UpstreamError => {
  const cause = isAxiosError(error) ? (error.code ?? 'unknown') : 'unknown';
  const timedOut = cause === 'ECONNABORTED' || cause === 'ETIMEDOUT' || cause === 'ERR_CANCELED';
  const tooLarge = cause === 'ERR_BAD_RESPONSE';
  const code = tooLarge ? 'upstream_malformed' : timedOut ? 'upstream_timeout' : 'upstream_unreachable';
  return new UpstreamError({
    upstream: request.upstream,
    operation: request.operation,
    code,
    stage: NEVER_SENT.has(cause) ? 'before' : 'during',
    retry: 'later',
    message: `${request.upstream} ${request.operation}: no usable answer (${cause})`,
  });
};

export const createHttpClient = (options: {
  quota: Quota;
  onCall?: (outcome: CallOutcome) => void;
  timeoutMs?: number;
}): HttpClient => {
  const agents = {
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: 64 }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: 64 }),
  };
  const client: AxiosInstance = axios.create({
    ...agents,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: MAX_RESPONSE_BYTES,
    responseType: 'text',
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
  });

  const exchange = async (request: HttpRequest): Promise<HttpResponse> => {
    const timeoutMs = request.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const response = await client.request<unknown>({
      method: request.method,
      url: request.url,
      // Without a body axios would still announce a form on POST and PUT; `false` keeps it from adding that.
      headers: request.body === undefined ? { 'content-type': false, ...request.headers } : request.headers,
      data: request.body,
      timeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(response.headers)) headers[name.toLowerCase()] = String(value);
    return {
      status: response.status,
      headers,
      text: typeof response.data === 'string' ? response.data : '',
    };
  };

  const learn = (request: HttpRequest, response: HttpResponse): void => {
    const key = quotaKey(request);
    const rate = Number(response.headers['x-amzn-ratelimit-limit']);
    if (Number.isFinite(rate) && rate > 0) options.quota.learnRate(key, rate);
    if (response.status !== 429) return;
    const retryAfterSeconds = Number(response.headers['retry-after']);
    options.quota.exhausted(key, Number.isFinite(retryAfterSeconds) ? retryAfterSeconds * 1000 : 0);
  };

  return {
    async send(request) {
      await options.quota.take(quotaKey(request), request.limit);
      const startedMs = performance.now();
      const report = (status: number | null, requestId?: string): void =>
        options.onCall?.({
          upstream: request.upstream,
          account: request.account,
          operation: request.operation,
          status,
          durationMs: Math.round(performance.now() - startedMs),
          requestId,
        });
      try {
        const response = await exchange(request);
        learn(request, response);
        report(response.status, response.headers['x-amzn-requestid']);
        return response;
      } catch (error) {
        report(null);
        throw toUpstreamError(request, error);
      }
    },
    close() {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
};
