import { UpstreamError } from '../lib/errors.ts';
import type { HttpClient } from '../lib/http-client.ts';
import type { Limit } from '../lib/quota.ts';
import type { Destination } from './alerter.ts';

const CALL = { upstream: 'alert-webhook', account: 'alerts', operation: 'post' };
/** Slack takes one message a second. */
const LIMIT: Limit = { ratePerSecond: 1, burst: 5 };
const TIMEOUT_MS = 10_000;

/** Slack reads these three characters as markup. */
const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Posts `{"text": …}` as Slack and those that follow it take it. The URL is a secret. */
export const createWebhookDestination = (http: HttpClient, url: string): Destination => ({
  name: 'webhook',
  async deliver({ text }) {
    const { status } = await http.send({
      ...CALL,
      limit: LIMIT,
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: escapeMarkup(text) }),
      timeoutMs: TIMEOUT_MS,
    });
    if (status >= 200 && status <= 299) return;
    throw new UpstreamError({
      upstream: CALL.upstream,
      operation: CALL.operation,
      code: 'upstream_refused',
      stage: 'before',
      retry: 'later',
      message: `${CALL.upstream}: answered with HTTP status ${status}`,
      httpStatus: status,
    });
  },
});
