import { UpstreamError, type UpstreamErrorCode } from '../lib/errors.ts';
import type { Destination } from './alerter.ts';

const TIMEOUT_MS = 10_000;

const CODES: Record<string, UpstreamErrorCode> = {
  EABORT: 'upstream_timeout',
  ETIMEDOUT: 'upstream_timeout',
  EAUTH: 'upstream_auth_refused',
  ENOAUTH: 'upstream_auth_refused',
  EENVELOPE: 'upstream_refused',
  EMESSAGE: 'upstream_refused',
};

/** The library's own messages may quote the server, the addresses and the user: only its codes are kept. */
const toUpstreamError = (error: unknown): UpstreamError => {
  const has = (key: string): unknown =>
    error instanceof Error && key in error ? Reflect.get(error, key) : undefined;
  const code = has('code');
  const reply = has('responseCode');
  const cause = typeof code === 'string' ? code : 'unknown';
  const answer = typeof reply === 'number' ? `, answer ${reply}` : '';
  return new UpstreamError({
    upstream: 'alert-mail',
    operation: 'send',
    code: CODES[cause] ?? 'upstream_unreachable',
    stage: 'during',
    retry: 'later',
    message: `alert-mail: the mail was not taken (${cause}${answer})`,
  });
};

/** Sends alerts as mail. The URL is a secret. */
export const createMailDestination = (mail: {
  smtpUrl: string;
  from: string;
  to: readonly string[];
  timeoutMs?: number;
}): Destination => ({
  name: 'mail',
  async deliver({ subject, text }) {
    // Loaded only by who uses it: a start without mail does not pay for it.
    const { createTransport } = await import('nodemailer');
    const timeoutMs = mail.timeoutMs ?? TIMEOUT_MS;
    const transport = createTransport({
      url: mail.smtpUrl,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
    });
    try {
      await transport.sendMail({
        from: mail.from,
        to: [...mail.to],
        subject,
        text,
        headers: { 'auto-submitted': 'auto-generated' },
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw toUpstreamError(error);
    } finally {
      transport.close();
    }
  },
});
