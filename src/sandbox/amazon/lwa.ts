import { jsonReply, type Reply, type SandboxRequest } from '../http.ts';
import { nextNumber, violate, type World } from './state.ts';
import { headerOf } from './wire.ts';

export type Lwa = {
  /** POST /auth/o2/token */
  token(request: SandboxRequest): Reply;
  /** What an access token is worth now. */
  check(token: string): 'good' | 'expired' | 'bad';
  expireTokens(): void;
  revoke(): void;
  restore(): void;
  /** A code as consent brings it: single use, five minutes. */
  issueCode(): string;
};

export type LwaSettings = {
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  /** Tells the access tokens of several sellers apart. */
  seller?: string;
};

const LIFE_MS = 3_600_000;
const CODE_LIFE_MS = 300_000;
const NOTIFICATIONS_SCOPE = 'sellingpartnerapi::notifications';

const refuse = (status: number, error: string, description: string): Reply =>
  jsonReply(status, { error, error_description: description });

const lacks = (field: string): Reply =>
  refuse(400, 'invalid_request', `The request is missing a required parameter : ${field}`);

const formFields = (body: string): Map<string, string> | undefined => {
  // An unencoded bar or a doubled field is what a hand-made form looks like; Amazon refuses it.
  if (/[|\s]/.test(body)) return undefined;
  const fields = new URLSearchParams(body);
  const names = [...fields.keys()];
  return new Set(names).size === names.length ? new Map(fields) : undefined;
};

const jsonFields = (body: string): Map<string, string> | undefined => {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const entries = Object.entries(parsed);
    return entries.every(([, value]) => typeof value === 'string') ? new Map(entries) : undefined;
  } catch {
    return undefined;
  }
};

const fieldsOf = (request: SandboxRequest): Map<string, string> | undefined => {
  const type = (headerOf(request, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return formFields(request.body);
  return type === 'application/json' ? jsonFields(request.body) : undefined;
};

const badGrant = (): Reply =>
  refuse(400, 'invalid_grant', 'The request has an invalid grant parameter : refresh_token');

type Granted = { revoked: boolean; issue(prefix: 'Atza' | 'Atc'): string; redeem(code: string): boolean };

const grant = (settings: LwaSettings, state: Granted, fields: Map<string, string>): Reply => {
  const type = fields.get('grant_type');
  const answer = { token_type: 'bearer', expires_in: LIFE_MS / 1000 };
  if (type === 'refresh_token') {
    const refreshToken = fields.get('refresh_token');
    if (!refreshToken) return lacks('refresh_token');
    if (state.revoked || refreshToken !== settings.refreshToken) return badGrant();
    return jsonReply(200, { access_token: state.issue('Atza'), ...answer, refresh_token: refreshToken });
  }
  if (type === 'client_credentials') {
    const scope = fields.get('scope');
    if (scope !== NOTIFICATIONS_SCOPE)
      return refuse(400, 'invalid_scope', 'The request has an invalid scope');
    return jsonReply(200, { access_token: state.issue('Atc'), ...answer, scope });
  }
  if (type === 'authorization_code') {
    if (!fields.get('code')) return lacks('code');
    if (!state.redeem(fields.get('code') ?? ''))
      return refuse(400, 'invalid_grant', 'The request has an invalid grant parameter : code');
    state.revoked = false;
    const { refreshToken } = settings;
    return jsonReply(200, { access_token: state.issue('Atza'), ...answer, refresh_token: refreshToken });
  }
  return refuse(400, 'unsupported_grant_type', 'The authorization grant type is not supported');
};

const answerToken = (settings: LwaSettings, state: Granted, request: SandboxRequest): Reply => {
  const fields = fieldsOf(request);
  if (!fields) return refuse(400, 'invalid_request', 'The request is malformed');
  const absent = ['grant_type', 'client_id', 'client_secret'].find((name) => !fields.get(name));
  if (absent !== undefined) return lacks(absent);
  const known =
    fields.get('client_id') === settings.clientId && fields.get('client_secret') === settings.clientSecret;
  return known
    ? grant(settings, state, fields)
    : refuse(401, 'invalid_client', 'Client authentication failed');
};

/** Login with Amazon: one seller, one application. */
export const createLwa = (world: World, settings: LwaSettings): Lwa => {
  const issued = new Map<string, number>();
  const codes = new Map<string, number>();
  const state: Granted = {
    revoked: false,
    issue(prefix) {
      const token = `${prefix}|${settings.seller ?? ''}sandbox${nextNumber(world)}`;
      // Grantless tokens have no seller behind them, so no call to this seller's data accepts one.
      if (prefix === 'Atza') issued.set(token, world.clock.nowMs() + LIFE_MS);
      return token;
    },
    redeem(code) {
      const untilMs = codes.get(code) ?? 0;
      codes.delete(code);
      return world.clock.nowMs() < untilMs;
    },
  };

  return {
    token(request) {
      const reply = answerToken(settings, state, request);
      if (reply.kind === 'answer' && reply.body.includes('"invalid_request"')) {
        violate(world, 'token', 'malformed token request');
      }
      return reply;
    },
    check(token) {
      const untilMs = issued.get(token);
      if (untilMs === undefined) return 'bad';
      return world.clock.nowMs() < untilMs ? 'good' : 'expired';
    },
    expireTokens() {
      for (const token of issued.keys()) issued.set(token, Number.NEGATIVE_INFINITY);
    },
    revoke() {
      state.revoked = true;
      issued.clear();
    },
    restore() {
      state.revoked = false;
    },
    issueCode() {
      const code = `${settings.seller ?? ''}sandboxcode${nextNumber(world)}`;
      codes.set(code, world.clock.nowMs() + CODE_LIFE_MS);
      return code;
    },
  };
};
