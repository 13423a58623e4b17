import type * as OpenIdClient from 'openid-client';
import { AppError } from '../lib/errors.ts';
import { ssoRefused } from './single-sign-on.ts';

/** Somebody whom the provider proved. */
export type ProvenIdentity = {
  /** Issuer and subject: the only name that never changes. */
  subject: string;
  /** Only where the provider says that it is verified. */
  mail: string | null;
  preferredName: string | null;
  claims: Readonly<Record<string, unknown>>;
};

/** What ties an answer to the browser that asked for it. */
export type FlowSecrets = { state: string; nonce: string; verifier: string };

export type IdentityProvider = {
  /** Where the browser goes. */
  begin(): Promise<FlowSecrets & { url: string }>;
  /** Exchanges the code. Throws `single_sign_on_refused` or `single_sign_on_unavailable`. */
  prove(query: URLSearchParams, secrets: FlowSecrets): Promise<ProvenIdentity>;
};

export type IdentityProviderOptions = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** As it is registered at the provider. */
  redirectUri: string;
  /** For the log: a code, and never what the provider said about a person. */
  onFault: (fault: { code: string }) => void;
};

const TIMEOUT_SECONDS = 10;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

type Client = typeof OpenIdClient;
type Known = { client: Client; configuration: OpenIdClient.Configuration };
type Claims = Readonly<Record<string, unknown>>;

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};

const discover = async ({ issuer, clientId, clientSecret }: IdentityProviderOptions): Promise<Known> => {
  const client = await import('openid-client');
  const server = new URL(issuer);
  // Plain HTTP is for a provider on this machine, as in tests.
  const isInsecure = server.protocol === 'http:' && LOOPBACK.includes(server.hostname);
  const bySecret: ReturnType<Client['ClientSecretPost']> = (metadata, ...rest) => {
    const takesPost = metadata.token_endpoint_auth_methods_supported?.includes('client_secret_post');
    const authenticate = takesPost ? client.ClientSecretPost : client.ClientSecretBasic;
    return authenticate(clientSecret)(metadata, ...rest);
  };
  const configuration = await client.discovery(server, clientId, undefined, bySecret, {
    timeout: TIMEOUT_SECONDS,
    execute: [client.enableNonRepudiationChecks, ...(isInsecure ? [client.allowInsecureRequests] : [])],
  });
  return { client, configuration };
};

/** What the ID token says, and what the provider says only when it is asked. */
const fetchClaims = async (
  { client, configuration }: Known,
  answer: URL,
  { state, nonce, verifier }: FlowSecrets,
): Promise<{ proven: Claims; asked: Claims }> => {
  const tokens = await client.authorizationCodeGrant(configuration, answer, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  const proven = tokens.claims();
  const asked =
    proven && configuration.serverMetadata().userinfo_endpoint
      ? await client.fetchUserInfo(configuration, tokens.access_token, proven.sub)
      : {};
  return { proven: proven ?? {}, asked };
};

const textOf = (claims: Claims, name: string): string | null => {
  const value = claims[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

/** Address and proof come from one place: two answers may speak of two addresses. */
const mailOf = (claims: Claims): string | null =>
  claims['email_verified'] === true ? textOf(claims, 'email') : null;

const identityOf = (proven: Claims, asked: Claims): ProvenIdentity => {
  const issuer = textOf(proven, 'iss');
  const subject = textOf(proven, 'sub');
  if (issuer === null || subject === null)
    throw ssoRefused('The identity provider named nobody; start again.');
  const claims = { ...asked, ...proven };
  return {
    subject: `${issuer} ${subject}`,
    mail: mailOf(proven) ?? mailOf(asked),
    preferredName: textOf(claims, 'preferred_username'),
    claims,
  };
};

const isRefusal = (client: Client, error: unknown): boolean =>
  error instanceof client.AuthorizationResponseError ||
  error instanceof client.ResponseBodyError ||
  (error instanceof client.ClientError && error.code !== 'OAUTH_TIMEOUT');

/** OpenID Connect: authorisation code with PKCE, state and nonce. The library is loaded with the first sign-in. */
export const createIdentityProvider = (options: IdentityProviderOptions): IdentityProvider => {
  const { redirectUri, onFault } = options;
  let known: Promise<Known> | undefined;

  const unavailable = (error: unknown): AppError => {
    onFault({ code: codeOf(error) });
    return new AppError(
      'single_sign_on_unavailable',
      502,
      'The identity provider did not answer as it should.',
    );
  };
  const open = async (): Promise<Known> => {
    known ??= discover(options);
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw unavailable(error);
    }
  };

  return {
    async begin() {
      const { client, configuration } = await open();
      const state = client.randomState();
      const nonce = client.randomNonce();
      const verifier = client.randomPKCECodeVerifier();
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, state, nonce, verifier };
    },
    async prove(query, secrets) {
      const provider = await open();
      const answer = new URL(redirectUri);
      answer.search = query.toString();
      try {
        const { proven, asked } = await fetchClaims(provider, answer, secrets);
        return identityOf(proven, asked);
      } catch (error) {
        if (error instanceof AppError) throw error;
        if (!isRefusal(provider.client, error)) throw unavailable(error);
        onFault({ code: codeOf(error) });
        throw ssoRefused('The identity provider did not prove who you are; start again.');
      }
    },
  };
};
