import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import type { HttpClient, HttpResponse } from '../../lib/http-client.ts';
import type { ProviderAuthorizer, ProviderPlace } from '../authorizer.ts';
import type { FulfillmentProvider } from '../provider.ts';
import { asBefore, readJson, refusal } from './auth.ts';
import { UPSTREAM } from './errors.ts';
import { LIMITS } from './limits.ts';
import { regionOfMarketplace, sellerCentralOf } from './regions.ts';

export type AmazonAuthorizerOptions = {
  http: HttpClient;
  clock: Clock;
  lwaUrl: string;
  clientId: string;
  clientSecret: string;
  /** Null: nobody can be sent to Seller Central; a pasted refresh token still serves. */
  applicationId: string | null;
  /** In the place of the marketplace's own Seller Central; null: that one. */
  authorizeUrl: string | null;
  /** An app that is not published is authorised as such. */
  isDraft: boolean;
  /** Where Amazon sends the seller back to; it has to be registered with the app. */
  redirectUrl: string | null;
  /** A provider for one trial, with quotas and breakers of its own. */
  providerOf(place: ProviderPlace, refreshToken: string): FulfillmentProvider;
};

const OPERATION = 'exchangeCode';
const Granted = z.object({ refresh_token: z.string().min(1) });
/** No seller has it: an unknown one is answered, and the answer shows that orders may be read. */
const NO_ORDER = 'TTS-0';

const sendCode = async (options: AmazonAuthorizerOptions, code: string): Promise<HttpResponse> => {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    client_id: options.clientId,
    client_secret: options.clientSecret,
    ...(options.redirectUrl === null ? {} : { redirect_uri: options.redirectUrl }),
  });
  try {
    return await options.http.send({
      upstream: UPSTREAM,
      account: UPSTREAM,
      operation: OPERATION,
      limit: LIMITS[OPERATION],
      method: 'POST',
      url: `${options.lwaUrl}/auth/o2/token`,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      },
      body: form.toString(),
    });
  } catch (error) {
    throw asBefore(error);
  }
};

/** Website authorisation (SP-API docs "Website authorization workflow"), and the trial of a refresh token. */
export const createAmazonAuthorizer = (options: AmazonAuthorizerOptions): ProviderAuthorizer => ({
  isPlace: ({ region, marketplaceId }) => regionOfMarketplace(marketplaceId) === region,
  consentLink({ marketplaceId }, state) {
    if (options.applicationId === null) return null;
    const link = new URL(`${options.authorizeUrl ?? sellerCentralOf(marketplaceId)}/apps/authorize/consent`);
    link.searchParams.set('application_id', options.applicationId);
    link.searchParams.set('state', state);
    if (options.redirectUrl !== null) link.searchParams.set('redirect_uri', options.redirectUrl);
    if (options.isDraft) link.searchParams.set('version', 'beta');
    return link.toString();
  },
  async exchange(code) {
    const response = await sendCode(options, code);
    const body = readJson(response.text);
    const granted = response.status === 200 ? Granted.safeParse(body).data : undefined;
    if (!granted) throw refusal(response, body);
    return granted.refresh_token;
  },
  async tryOut(place, refreshToken) {
    const provider = options.providerOf(place, refreshToken);
    await provider.fetchStock(['-']);
    await provider.fetch(NO_ORDER);
  },
});
