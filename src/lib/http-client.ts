import { UpstreamError } from './errors.ts';
import { ADDRESS_NOT_PUBLIC, lookupPublic, requirePublicHost } from './public-address.ts';
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
  /** The exact bytes that are signed; absent means no body at all. */
  body?: string;
  /** Made after the wait for quota, so that a signature is as young as the call; laid over `url` and `headers`. */
  sign?: () => { url?: string; headers?: Record<string, string> };
  timeoutMs?: number;
  /** Finds the other side's id of the call in its answer; absent: in Amazon's header. */
  requestIdOf?: (response: HttpResponse) => string | undefined;
  /**
   * A person chose the address, and who answers is not trusted: `public` connects to public addresses only, `any` to
   * those of the own network too. Either way little of the answer is read.
   */
  stranger?: 'public' | 'any';
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
/**
 * A call that would wait longer for its quota fails before it is sent, and its order comes again later: an effect
 * whose intent is committed must go out, or surely not go out, well before anyone looks what became of it.
 */
const MAX_QUOTA_WAIT_MS = 10_000;
/** TikTok's and Amazon's largest pages are well under 2 MiB; more is not an answer but an attack or a fault. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
const MAX_STRANGER_BYTES = 64 * 1024;
/** Errors of a connection that never carried the request, so that a write surely had no effect. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  ADDRESS_NOT_PUBLIC,
]);

export const quotaKey = (request: Pick<HttpRequest, 'upstream' | 'account' | 'operation'>): string =>
  `${request.upstream}/${request.account}/${request.operation}`;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

const toUpstreamError = (request: HttpRequest, error: unknown): UpstreamError => {
  const cause = codeOf(error);
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

const quotaSpent = (request: HttpRequest, waitMs: number): UpstreamError =>
  new UpstreamError({
    upstream: request.upstream,
    operation: request.operation,
    code: 'upstream_throttled',
    stage: 'before',
    retry: 'later',
    message: `${request.upstream} ${request.operation}: the quota is spent for longer than a call may wait`,
    retryAfterMs: Math.ceil(waitMs),
    isLocal: true,
  });

/** The call as it goes over the wire. */
export type WireRequest = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body' | 'stranger'> & {
  timeoutMs: number;
};

/**
 * Carries one call there and its answer back. Any HTTP status is an answer; a broken exchange throws an error with a
 * `code` of Node's or axios's: `ECONNREFUSED`, `ECONNRESET`, `ECONNABORTED` when `timeoutMs` have passed.
 */
export type Transport = { send: (request: WireRequest) => Promise<HttpResponse>; close: () => void };

/**
 * Loaded with the first call: axios, and what an import of node:http brings along, are a fifth of the time a start
 * takes, and no webhook waits for them.
 */
const openTransport = async (): Promise<Transport> => {
  const [{ default: axios }, { Agent: HttpAgent }, { Agent: HttpsAgent }] = await Promise.all([
    import('axios'),
    import('node:http'),
    import('node:https'),
  ]);
  const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: 64 });
  const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: 64 });
  const publicAgents = {
    httpAgent: new HttpAgent({ lookup: lookupPublic }),
    httpsAgent: new HttpsAgent({ lookup: lookupPublic }),
  };
  const client = axios.create({
    httpAgent,
    httpsAgent,
    proxy: false,
    maxRedirects: 0,
    maxContentLength: MAX_RESPONSE_BYTES,
    responseType: 'text',
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
  });
  return {
    async send({ method, url, headers, body, timeoutMs, stranger }) {
      if (stranger === 'public') requirePublicHost(url);
      const bodiless = body === undefined ? { 'content-type': false } : {};
      const response = await client.request<unknown>({
        method,
        url,
        headers: { ...bodiless, ...headers },
        data: body,
        ...(stranger === 'public' ? publicAgents : {}),
        ...(stranger ? { maxContentLength: MAX_STRANGER_BYTES } : {}),
        timeout: timeoutMs,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answered: Record<string, string> = {};
      for (const [name, value] of Object.entries(response.headers))
        answered[name.toLowerCase()] = String(value);
      return {
        status: response.status,
        headers: answered,
        text: typeof response.data === 'string' ? response.data : '',
      };
    },
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
};

export const createHttpClient = (options: {
  quota: Quota;
  onCall?: (outcome: CallOutcome) => void;
  timeoutMs?: number;
  /** Default: the network. */
  transport?: Transport | undefined;
}): HttpClient => {
  let opened = options.transport ? Promise.resolve(options.transport) : undefined;
  const transport = (): Promise<Transport> => {
    opened ??= openTransport();
    return opened;
  };

  const exchange = async (request: HttpRequest): Promise<HttpResponse> => {
    const { send } = await transport();
    const signed = request.sign?.() ?? {};
    return send({
      method: request.method,
      url: signed.url ?? request.url,
      headers: { ...request.headers, ...signed.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.stranger === undefined ? {} : { stranger: request.stranger }),
      timeoutMs: request.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    });
  };

  const learn = (request: HttpRequest, response: HttpResponse): void => {
    const key = quotaKey(request);
    const rate = Number(response.headers['x-amzn-ratelimit-limit']);
    if (Number.isFinite(rate) && rate > 0) options.quota.learnRate(key, rate);
    if (response.status !== 429) {
      options.quota.ended(key, true);
      return;
    }
    const retryAfterSeconds = Number(response.headers['retry-after']);
    options.quota.exhausted(key, Number.isFinite(retryAfterSeconds) ? retryAfterSeconds * 1000 : 0);
  };

  return {
    async send(request) {
      const waitMs = options.quota.waitMs(quotaKey(request), request.limit);
      if (waitMs > MAX_QUOTA_WAIT_MS) throw quotaSpent(request, waitMs);
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
        report(
          response.status,
          request.requestIdOf ? request.requestIdOf(response) : response.headers['x-amzn-requestid'],
        );
        return response;
      } catch (error) {
        options.quota.ended(quotaKey(request), false);
        report(null);
        throw toUpstreamError(request, error);
      }
    },
    close() {
      // One that could not be loaded has told its caller so.
      opened?.then((loaded) => loaded.close()).catch(() => undefined);
    },
  };
};
