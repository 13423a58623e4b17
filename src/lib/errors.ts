/**
 * Where a call stood when it failed, seen from its outside effect:
 * `before` it surely had none, `during` nobody knows (timeout, reset, 5xx), `after` it surely had one.
 */
export type EffectStage = 'before' | 'during' | 'after';

/** Can the same call help later? `now` means after a correction that the caller makes at once (a fresh token). */
export type RetryAnswer = 'never' | 'now' | 'later';

export type UpstreamErrorCode =
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'upstream_unavailable'
  | 'upstream_throttled'
  | 'upstream_malformed'
  | 'upstream_token_expired'
  | 'upstream_auth_refused'
  | 'upstream_config_refused'
  | 'upstream_conflict'
  | 'upstream_refused';

export type UpstreamErrorFields = {
  /** `tiktok-shop`, `amazon-mcf`, … */
  upstream: string;
  operation: string;
  code: UpstreamErrorCode;
  stage: EffectStage;
  retry: RetryAnswer;
  /** Said to a person. Holds no value that came from a buyer or a credential. */
  message: string;
  httpStatus?: number | undefined;
  /** The other side's own code, for support. */
  remoteCode?: string | undefined;
  requestId?: string | undefined;
  /** Set when the other side said how long to wait. */
  retryAfterMs?: number | undefined;
  /** Answered on our side without a call: it says nothing new about the order. `stage` is then `before`. */
  isLocal?: boolean | undefined;
  cause?: unknown;
};

/** A call to another side failed. Ordinary refusals of an order are values, not this. */
export class UpstreamError extends Error {
  readonly upstream: string;
  readonly operation: string;
  readonly code: UpstreamErrorCode;
  readonly stage: EffectStage;
  readonly retry: RetryAnswer;
  readonly httpStatus: number | undefined;
  readonly remoteCode: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly isLocal: boolean;

  constructor(fields: UpstreamErrorFields) {
    super(fields.message, { cause: fields.cause });
    this.name = 'UpstreamError';
    this.upstream = fields.upstream;
    this.operation = fields.operation;
    this.code = fields.code;
    this.stage = fields.stage;
    this.retry = fields.retry;
    this.httpStatus = fields.httpStatus;
    this.remoteCode = fields.remoteCode;
    this.requestId = fields.requestId;
    this.retryAfterMs = fields.retryAfterMs;
    this.isLocal = fields.isLocal ?? false;
  }
}

/** Our own fault or bad input, with a stable code and the HTTP status it answers with. */
export class AppError extends Error {
  readonly code: string;
  readonly httpStatus: number;
  readonly details: readonly string[];

  constructor(code: string, httpStatus: number, message: string, details: readonly string[] = []) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.httpStatus = httpStatus;
    this.details = details;
  }
}

/** A short safe line for logs and reports: never the cause, which may quote a body or a URL. */
export const describeError = (error: unknown): { code: string; message: string } => {
  if (error instanceof UpstreamError || error instanceof AppError)
    return { code: error.code, message: error.message };
  return { code: 'internal_error', message: 'An unexpected fault; see the log.' };
};
