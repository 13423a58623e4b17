import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { endConnectionsOnClose } from './closing.ts';

describe('closing with connections that are kept', () => {
  let app: FastifyInstance;
  let agent: Agent;
  let port: number;
  let answer: () => void;
  let arrived: Promise<void>;

  beforeEach(async () => {
    app = fastify({ forceCloseConnections: 'idle', return503OnClosing: false, keepAliveTimeout: 600_000 });
    endConnectionsOnClose(app, systemClock);
    const { promise: mayAnswer, resolve } = Promise.withResolvers<void>();
    answer = resolve;
    const { promise, resolve: tell } = Promise.withResolvers<void>();
    arrived = promise;
    app.get('/slow', async () => {
      tell();
      await mayAnswer;
      return 'finished';
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    port = (app.server.address() as AddressInfo).port;
    agent = new Agent({ keepAlive: true });
  });

  afterEach(async () => {
    agent.destroy();
    answer();
    await app.close();
  });

  const get = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ port, host: '127.0.0.1', path, agent }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve(body));
      });
      outgoing.on('error', reject);
      outgoing.end();
    });

  it('answers what is in hand, and then waits for no further request of its connection', async () => {
    const answered = get('/slow');
    await arrived;

    const closed = app.close();
    // By then it has ended the connections that were idle; this one is not among them.
    await vi.waitFor(() => expect(app.server.listening).toBe(false));
    answer();

    expect(await answered).toBe('finished');
    await expect(closed).resolves.toBeUndefined();
  });

  it('waits for no connection that never carried a request', async () => {
    const accepted = once(app.server, 'connection');
    const silent = connect(port, '127.0.0.1');
    silent.on('error', () => undefined);
    await accepted;

    await expect(app.close()).resolves.toBeUndefined();
    silent.destroy();
  });
});
