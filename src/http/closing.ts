import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../lib/clock.ts';

/** What was on its way when the closing began is read within this time. */
const ARRIVES_WITHIN_MS = 100;

/**
 * Keeps connections from outliving the closing. The server ends those that are idle when it begins; one whose answer
 * goes out later, or that never carried a request, would stay open for as long as its peer likes.
 */
export const endConnectionsOnClose = (app: FastifyInstance, clock: Clock): void => {
  // A count and not a set: what a set once held keeps whole requests from being cleared early.
  let inHand = 0;
  let isClosing = false;

  const endWhenIdle = async (): Promise<void> => {
    await clock.sleep(ARRIVES_WITHIN_MS);
    if (inHand === 0) app.server.closeAllConnections();
  };
  const onEnd = (): void => {
    inHand -= 1;
    if (isClosing && inHand === 0) void endWhenIdle();
  };

  app.server.prependListener('request', (_request, response: ServerResponse) => {
    inHand += 1;
    response.on('close', onEnd);
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('preClose', async () => {
    isClosing = true;
    if (inHand === 0) void endWhenIdle();
  });
};
