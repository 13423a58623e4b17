import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = { headers: Record<string, string>; body: string };

const textHeaders = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** An endpoint of somebody's on this machine. `answer` says with which status. */
export const openReceiver = async (answer: (count: number) => number = () => 204) => {
  const received: Received[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      received.push({ headers: textHeaders(request.headers), body });
      response.statusCode = answer(received.length);
      if (response.statusCode < 400 && response.statusCode >= 300) response.setHeader('location', '/moved');
      response.end();
      arrived.resolve();
      arrived = Promise.withResolvers();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    /** Resolves once so many deliveries came in all. */
    async until(count: number): Promise<void> {
      while (received.length < count) await arrived.promise;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export type Receiver = Awaited<ReturnType<typeof openReceiver>>;
