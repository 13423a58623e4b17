/** Verifies and hands over, and stores nothing: the middleware of `@octokit/webhooks` on `node:http`. */
import { createServer } from 'node:http';
import { createNodeMiddleware, Webhooks } from '@octokit/webhooks';

const { PORT = '', APP_SECRET = '' } = process.env;

const webhooks = new Webhooks({ secret: APP_SECRET });
/** @type {string[]} */
const handled = [];
webhooks.onAny(({ id }) => void handled.push(id));
const middleware = createNodeMiddleware(webhooks);

createServer((request, response) => {
  if (request.url === '/health') response.end('ok');
  else if (request.url === '/kept') response.end(JSON.stringify(handled));
  else void middleware(request, response);
}).listen(Number(PORT), '127.0.0.1');
