import { z } from 'zod';
import type { UpstreamErrorCode } from '../../lib/errors.ts';
import type { HttpResponse } from '../../lib/http-client.ts';
import type { ProviderRefusal } from '../provider.ts';
import type { AmazonOperation } from './limits.ts';
import { type Finding, type RefusalClass, type RemoteError, readRefusal } from './messages.ts';

export const UPSTREAM = 'amazon-mcf';

/** Amazon answered and refused: no effect. */
export type AmazonRefusal = Finding & {
  httpStatus: number;
  remoteCode?: string | undefined;
  requestId?: string | undefined;
};

/** What is wrong with an answer that is not a plain refusal. */
export type AmazonFault = {
  code: Extract<
    UpstreamErrorCode,
    'upstream_auth_refused' | 'upstream_throttled' | 'upstream_unavailable' | 'upstream_malformed'
  >;
  message: string;
  /** A fresh token may help (every 401 and 403 but a wrong signature). */
  freshTokenMayHelp: boolean;
  remoteCode?: string | undefined;
};

const text = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => value ?? '');
const NO_TEXT: RemoteError = { code: '', message: '', details: '' };
const Envelope = z.object({
  errors: z.array(z.object({ code: text, message: text, details: text }).catch(NO_TEXT)),
});

/** The `errors` of an answer's body; empty where there are none, whatever the body is. */
export const remoteErrors = (body: unknown): RemoteError[] => Envelope.safeParse(body).data?.errors ?? [];

const ABOUT_ONE_ORDER: ReadonlySet<AmazonOperation> = new Set([
  'getFulfillmentOrder',
  'updateFulfillmentOrder',
  'cancelFulfillmentOrder',
  'createFulfillmentReturn',
]);

const safeCode = (errors: readonly RemoteError[]): string | undefined => {
  const code = errors[0]?.code;
  return code !== undefined && /^\w{1,60}$/.test(code) ? code : undefined;
};

/** What a refusing answer says. A 404 about an order is `notFound` whatever its text. Pure. */
export const refusalOf = (
  operation: AmazonOperation,
  response: HttpResponse,
  errors: readonly RemoteError[],
): AmazonRefusal => {
  const unknownOrder = response.status === 404 && ABOUT_ONE_ORDER.has(operation);
  return {
    ...(unknownOrder
      ? { class: 'notFound', message: 'Amazon does not know this order', aboutAddress: false }
      : readRefusal(errors)),
    httpStatus: response.status,
    remoteCode: safeCode(errors),
    requestId: response.headers['x-amzn-requestid'],
  };
};

type FaultRow = { statuses: number[]; codes: string[]; fault: AmazonFault['code']; say: string };

/** SP-API docs "Resolve common HTTP and authorization error codes". 400, 404, 413 and 415 are refusals. */
const FAULTS: readonly FaultRow[] = [
  {
    statuses: [401, 403],
    codes: ['Unauthorized', 'MissingAuthenticationToken', 'InvalidSignature'],
    fault: 'upstream_auth_refused',
    say: 'access refused',
  },
  { statuses: [429], codes: ['QuotaExceeded'], fault: 'upstream_throttled', say: 'over the quota' },
  {
    // 500 stands for every 5xx.
    statuses: [408, 500],
    codes: ['InternalFailure', 'ServiceUnavailable'],
    fault: 'upstream_unavailable',
    say: 'temporarily not available',
  },
];

/** Amazon's known texts about access, in `details`; anything else is a role, a region or a withdrawn consent. */
const ACCESS_DETAILS: readonly { pattern: RegExp; say: string }[] = [
  { pattern: /has expired/i, say: 'the access token has expired' },
  { pattern: /revoked, malformed or invalid/i, say: 'the access token is revoked, malformed or invalid' },
  { pattern: /missing in the request header/i, say: 'the access token is missing' },
];

const accessHint = (errors: readonly RemoteError[]): string => {
  const hint = ACCESS_DETAILS.find((row) => errors.some((error) => row.pattern.test(error.details)));
  return hint?.say ?? 'role missing, wrong region, or the seller withdrew the authorization';
};

/**
 * The fault an answer is, or null when it is success or a refusal. The status decides; with a 2xx that carries
 * `errors`, their code does. Pure.
 */
export const faultOf = (status: number, errors: readonly RemoteError[]): AmazonFault | null => {
  const codes = errors.map((error) => error.code);
  const isSuccess = status >= 200 && status < 300;
  const row = FAULTS.find((candidate) =>
    isSuccess
      ? candidate.codes.some((code) => codes.includes(code))
      : candidate.statuses.includes(Math.min(status, 500)),
  );
  const remoteCode = safeCode(errors);
  if (row?.fault === 'upstream_auth_refused') {
    const badSignature = codes.includes('InvalidSignature');
    const hint = badSignature ? 'the signature is wrong' : accessHint(errors);
    return { code: row.fault, message: `${row.say}: ${hint}`, freshTokenMayHelp: !badSignature, remoteCode };
  }
  if (row) return { code: row.fault, message: row.say, freshTokenMayHelp: false, remoteCode };
  if (isSuccess || (status >= 400 && status < 500)) return null;
  return { code: 'upstream_malformed', message: `unexpected HTTP ${status}`, freshTokenMayHelp: false };
};

const REASON_OF_CLASS: Readonly<Record<RefusalClass, ProviderRefusal['reason']>> = {
  duplicate: 'value_refused',
  notFound: 'opaque',
  badSku: 'sku_unknown',
  missingField: 'value_refused',
  cancelAlreadyRequested: 'too_late',
  tooLate: 'too_late',
  badValue: 'value_refused',
  noStock: 'no_stock',
  moneyShape: 'value_refused',
  dateShape: 'value_refused',
  config: 'config',
  opaque: 'opaque',
  unknown: 'opaque',
};

/** A refusal in the port's words. */
export const toProviderRefusal = (refusal: AmazonRefusal): ProviderRefusal => ({
  reason: refusal.aboutAddress ? 'address_refused' : REASON_OF_CLASS[refusal.class],
  message: refusal.message,
  ...(refusal.itemId === undefined ? {} : { itemId: refusal.itemId }),
});
