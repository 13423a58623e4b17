import { type EffectStage, UpstreamError } from '../../lib/errors.ts';
import type { HttpResponse } from '../../lib/http-client.ts';
import type { ChannelRefusal } from '../channel.ts';
import type { TikTokOperation } from './limits.ts';
import {
  AUTH_REFUSED,
  CLOCK_REFUSED,
  CONFIG_REFUSED,
  MALFORMED,
  REMOTE_CLASSES,
  type RemoteClass,
  THROTTLED,
  TOKEN_EXPIRED,
  UMBRELLA_CODE,
  UNAVAILABLE,
  UNKNOWN_CODE,
} from './remote-codes.ts';
import type { Envelope } from './schema.ts';

export const UPSTREAM = 'tiktok-shop';

/** A read repeats freely; after an unclear write the order has to be read first. */
export type CallEffect = 'read' | 'write';

const MAX_QUOTE_CHARACTERS = 200;

/** TikTok's words in one line of at most 200 characters. */
export const quote = (message: string): string =>
  message.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_QUOTE_CHARACTERS);

const classifyUmbrella = (message: string): RemoteClass => {
  if (/timestamp/i.test(message)) return CLOCK_REFUSED;
  if (/access[\s_-]token|app_key|\bsign\b/i.test(message)) return AUTH_REFUSED;
  return CONFIG_REFUSED;
};

/** The class of an answer that is no success. `envelope` is null when the body is not TikTok's. */
export const classify = (httpStatus: number, envelope: Envelope | null): RemoteClass => {
  if (httpStatus === 429) return THROTTLED;
  if (envelope?.code === UMBRELLA_CODE) return classifyUmbrella(envelope.message);
  const known = REMOTE_CLASSES.get(envelope?.code ?? '');
  if (known) return known;
  if (httpStatus >= 500) return UNAVAILABLE;
  if (httpStatus === 403) return AUTH_REFUSED;
  if (envelope === null || envelope.code === '0') return httpStatus === 401 ? TOKEN_EXPIRED : MALFORMED;
  return httpStatus === 401 ? AUTH_REFUSED : UNKNOWN_CODE;
};

const retryAfterMs = (response: HttpResponse): number | undefined => {
  const seconds = Number(response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
};

const stageOf = (remoteClass: RemoteClass, effect: CallEffect): EffectStage =>
  remoteClass.effect === 'unclear' && effect === 'write' ? 'during' : 'before';

/** The error of an answer that is no success. Holds codes and our own words, TikTok's only where they are harmless. */
export const answerError = (
  operation: TikTokOperation,
  effect: CallEffect,
  response: HttpResponse,
  envelope: Envelope | null,
): UpstreamError => {
  const remoteClass = classify(response.status, envelope);
  const quoted = remoteClass.isQuotable && envelope?.message ? `: ${quote(envelope.message)}` : '';
  return new UpstreamError({
    upstream: UPSTREAM,
    operation,
    code: remoteClass.code,
    stage: stageOf(remoteClass, effect),
    retry: remoteClass.retry,
    message: `TikTok Shop ${operation}: ${remoteClass.text} (${envelope?.code ?? `HTTP ${response.status}`})${quoted}`,
    httpStatus: response.status,
    remoteCode: envelope?.code,
    requestId: envelope?.requestId,
    retryAfterMs: retryAfterMs(response),
  });
};

/** A success (`code` 0) whose data cannot be read: a write surely had its effect. */
export const shapeError = (
  operation: TikTokOperation,
  effect: CallEffect,
  requestId?: string,
): UpstreamError =>
  new UpstreamError({
    upstream: UPSTREAM,
    operation,
    code: 'upstream_malformed',
    stage: effect === 'write' ? 'after' : 'before',
    retry: 'later',
    message: `TikTok Shop ${operation}: the answer does not have the documented shape`,
    requestId,
  });

/** Credentials are refused or missing: the side stops until a trial succeeds. */
export const authRefusedError = (
  operation: TikTokOperation,
  text: string,
  remoteCode?: string,
): UpstreamError =>
  new UpstreamError({
    upstream: UPSTREAM,
    operation,
    code: 'upstream_auth_refused',
    stage: 'before',
    retry: 'later',
    message: `TikTok Shop ${operation}: ${text}`,
    remoteCode,
  });

/** The refusal in an error, when it is one about the order or SKU; null when it is a fault to be thrown on. */
export const refusalIn = (error: unknown): ChannelRefusal | null => {
  if (!(error instanceof UpstreamError) || error.remoteCode === undefined) return null;
  const isAnswer = ['upstream_refused', 'upstream_conflict', 'upstream_config_refused'].includes(error.code);
  const reason = (REMOTE_CLASSES.get(error.remoteCode) ?? UNKNOWN_CODE).refusal;
  return isAnswer && reason ? { reason, remoteCode: error.remoteCode, message: error.message } : null;
};
