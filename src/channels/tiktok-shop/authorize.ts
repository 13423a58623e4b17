import { secondsToMs } from '../../lib/clock.ts';
import type { HttpClient, HttpResponse } from '../../lib/http-client.ts';
import type { ChannelAuthorizer, Grant } from '../authorizer.ts';
import { answerError, shapeError, UPSTREAM } from './errors.ts';
import { limitOf } from './limits.ts';
import { GrantedTokens, readEnvelope } from './schema.ts';

export type TikTokAuthorizerOptions = {
  http: HttpClient;
  appKey: string;
  appSecret: string;
  authUrl: string;
  /** The whole link of Partner Center, with its `service_id`; null: nobody can be sent there. */
  authorizeUrl: string | null;
};

/** What the calls of this connector need (partner docs "Access scope", 2025-12). */
const ESSENTIAL_SCOPES = [
  'seller.authorization.info',
  'seller.order.info',
  'seller.fulfillment.basic',
  'seller.logistics',
  'seller.return_refund.basic',
];
const SCOPES = [...ESSENTIAL_SCOPES, 'seller.product.basic', 'seller.product.write'];

const OPERATION = 'exchangeCode';
const SELLER = 0;

const toGrant = (text: string, response: HttpResponse): Grant => {
  const envelope = readEnvelope(text);
  if (response.status !== 200 || envelope?.code !== '0')
    throw answerError(OPERATION, 'write', response, envelope);
  const parsed = GrantedTokens.safeParse(envelope.data);
  if (!parsed.success) throw shapeError(OPERATION, 'write', envelope.requestId);
  const { data } = parsed;
  const timeOf = (seconds: number | null): number | null => (seconds === null ? null : secondsToMs(seconds));
  const { granted_scopes: granted } = data;
  return {
    sellerId: data.open_id,
    sellerName: data.seller_name || null,
    isSeller: (data.user_type ?? SELLER) === SELLER,
    missingScopes: granted.length === 0 ? [] : SCOPES.filter((scope) => !granted.includes(scope)),
    tokens: {
      accessToken: data.access_token,
      accessExpiresAtMs: timeOf(data.access_token_expire_in),
      refreshToken: data.refresh_token || null,
      refreshExpiresAtMs: timeOf(data.refresh_token_expire_in),
    },
  };
};

/** The authorise link, and what a seller brings back from it (partner docs "Authorization", 2025-12). */
export const createTikTokAuthorizer = (options: TikTokAuthorizerOptions): ChannelAuthorizer => ({
  essentialScopes: ESSENTIAL_SCOPES,
  link(state) {
    if (options.authorizeUrl === null) return null;
    const link = new URL(options.authorizeUrl);
    link.searchParams.set('state', state);
    return link.toString();
  },
  async exchange(code) {
    // The auth host takes the secret and the code in the query, and nothing else.
    const query = new URLSearchParams({
      app_key: options.appKey,
      app_secret: options.appSecret,
      auth_code: code,
      grant_type: 'authorized_code',
    });
    const response = await options.http.send({
      upstream: UPSTREAM,
      account: UPSTREAM,
      operation: OPERATION,
      limit: limitOf(OPERATION),
      method: 'GET',
      url: `${options.authUrl}/api/v2/token/get?${query.toString()}`,
      headers: {},
    });
    return toGrant(response.text, response);
  },
});
