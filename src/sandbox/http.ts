import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

/** One request as it came over the wire; `body` is the exact text that was sent. */
export type SandboxRequest = {
  method: string;
  /** Path and query exactly as sent, nothing decoded or normalised. */
  target: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
};

/** What a simulator does with a request: answer it, leave it hanging, or cut the connection. */
export type Reply =
  | { kind: 'answer'; status: number; body: string; headers?: Record<string, string> }
  | { kind: 'hang' }
  | { kind: 'reset' };

export type SandboxServer = { url: string; port: number; close(): Promise<void> };

/** A JSON answer. A string body is sent as it is. */
export const jsonReply = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => ({
  kind: 'answer',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});

const readRequest = async (incoming: IncomingMessage): Promise<SandboxRequest> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const url = new URL(incoming.url ?? '/', 'http://sandbox.invalid');
  return {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
};

const send = (reply: Reply, outgoing: ServerResponse): void => {
  if (reply.kind === 'hang') return;
  if (reply.kind === 'reset') {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  outgoing.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) });
  outgoing.end(reply.body);
};

/** Serves `handle` over HTTP on a loopback port (0 picks a free one). `close` also destroys hanging sockets. */
export const startSandboxServer = async (options: {
  host?: string | undefined;
  port?: number | undefined;
  handle(request: SandboxRequest): Promise<Reply>;
}): Promise<SandboxServer> => {
  const host = options.host ?? '127.0.0.1';
  const server = createServer({ keepAliveTimeout: 75_000 }, (incoming, outgoing) => {
    readRequest(incoming)
      .then((request) => options.handle(request))
      .then((reply) => send(reply, outgoing))
      .catch((error: unknown) => {
        if (outgoing.socket?.destroyed !== false) return;
        send(jsonReply(500, { sandboxError: String(error) }), outgoing);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://${host}:${port}`,
    port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
