import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHeldClock } from '../../test/held-clock.ts';
import { useHttpMock } from '../../test/http-mock.ts';
import { createHttpClient, type HttpClient } from '../lib/http-client.ts';
import { createQuota } from '../lib/quota.ts';
import { createWebhookDestination } from './webhook.ts';

const HOST = 'https://hooks.example.com';
const PATH = '/services/T0/B0/secret-part';
const message = { subject: 'subject', text: 'R&D <1> *text*' };

describe('the webhook destination', () => {
  const mock = useHttpMock();
  let http: HttpClient;

  beforeEach(() => {
    http = createHttpClient({ quota: createQuota(createHeldClock()) });
  });

  afterEach(() => {
    http.close();
  });

  const deliver = () => createWebhookDestination(http, HOST + PATH).deliver(message);

  it.each([200, 201, 204])('posts the text as Slack takes it, and is content with %i', async (status) => {
    mock
      .scope(HOST)
      .matchHeader('content-type', 'application/json')
      .post(PATH, { text: 'R&amp;D &lt;1&gt; *text*' })
      .reply(status);

    await expect(deliver()).resolves.toBeUndefined();
  });

  it.each([302, 404, 500])('takes an answer of %i for a failure, without naming the URL', async (status) => {
    mock.scope(HOST).post(PATH).reply(status, 'no_service');

    await expect(deliver()).rejects.toMatchObject({
      code: 'upstream_refused',
      message: `alert-webhook: answered with HTTP status ${status}`,
      cause: undefined,
    });
  });

  it('does not name the URL when the host cannot be reached', async () => {
    mock
      .scope(HOST)
      .post(PATH)
      .replyWithError(Object.assign(new Error(HOST + PATH), { code: 'ECONNREFUSED' }));

    const error = await deliver().catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code: 'upstream_unreachable', cause: undefined });
    expect(String(error)).not.toContain('secret-part');
  });

  it('fails at once while a 429 is to be waited out', async () => {
    mock.scope(HOST).post(PATH).reply(429, '', { 'retry-after': '3600' });
    await expect(deliver()).rejects.toMatchObject({ httpStatus: 429 });

    await expect(deliver()).rejects.toMatchObject({ code: 'upstream_throttled' });
  });
});
