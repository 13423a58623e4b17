import { createHmac, randomBytes } from 'node:crypto';
import type { SigningSecret } from './records.ts';

const SECRET_START = 'whsec_';
const SECRET_BYTES = 32;

/** 256 bits of chance, in the form of Standard Webhooks. */
export const newSigningSecret = (): string =>
  `${SECRET_START}${randomBytes(SECRET_BYTES).toString('base64')}`;

const signatureUnder = (secret: string, signed: string): string => {
  const key = Buffer.from(secret.slice(SECRET_START.length), 'base64');
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
};

/** Those in force at a time: the newest, and what it replaced for as long as receivers may still know only that. */
export const secretsInForce = (secrets: readonly SigningSecret[], nowMs: number): string[] =>
  secrets.filter(({ untilMs }) => untilMs === null || untilMs > nowMs).map(({ secret }) => secret);

/** The headers of Standard Webhooks for one attempt, with a signature under every secret in force. */
export const signedHeaders = (
  { messageId, body, secrets }: { messageId: string; body: string; secrets: readonly SigningSecret[] },
  nowMs: number,
): Record<string, string> => {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signed = `${messageId}.${timestamp}.${body}`;
  return {
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    'webhook-signature': secretsInForce(secrets, nowMs)
      .map((secret) => signatureUnder(secret, signed))
      .join(' '),
  };
};
