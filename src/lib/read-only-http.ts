import { UpstreamError } from './errors.ts';
import type { HttpClient, HttpRequest } from './http-client.ts';

/** What a remote call does there. `token` gets or renews our own access. */
export type CallKind = 'read' | 'effect' | 'token';

/** The kind of each operation of an upstream; one that is not listed is refused. */
export type CallKinds = Readonly<Record<string, Readonly<Record<string, CallKind>>>>;

const refused = ({ upstream, operation }: HttpRequest): UpstreamError =>
  new UpstreamError({
    upstream,
    operation,
    code: 'upstream_refused',
    stage: 'before',
    retry: 'never',
    message: `${upstream} ${operation}: not sent, MODE=shadow changes nothing`,
    isLocal: true,
  });

/**
 * A client that lets only those calls out which change nothing. What it is not told about stays here, so that an
 * effect added later cannot be forgotten. `open` are upstreams that no shop or seller account stands behind.
 */
export const readOnlyHttp = (http: HttpClient, kinds: CallKinds, open: readonly string[]): HttpClient => ({
  async send(request) {
    const kind = kinds[request.upstream]?.[request.operation];
    const mayGo = kind === 'read' || kind === 'token' || open.includes(request.upstream);
    if (!mayGo) throw refused(request);
    return http.send(request);
  },
  close: () => http.close(),
});
