import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export const CLIENT = { id: 'mcf', secret: 'a-secret-of-the-client-of-tests' };

export type IdentityProviderServer = {
  issuer: string;
  /** Who signs in next, as `sub` and the claims about them. */
  person: { sub: string } & Record<string, unknown>;
  /** Follows an authorisation to its end; answers where the browser is sent back to. */
  signIn(url: string): Promise<string>;
  close(): Promise<void>;
};

/** A real OpenID provider, in which whoever is `person` agrees to everything. */
export const startIdentityProvider = async (
  redirectUri: string,
  authMethod: 'client_secret_post' | 'client_secret_basic' = 'client_secret_basic',
): Promise<IdentityProviderServer> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const idp: IdentityProviderServer = {
    issuer,
    person: { sub: 'sub-1' },
    async signIn(start) {
      const jar = new Map<string, string>();
      let url = start;
      while (!url.startsWith(redirectUri)) {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
        for (const line of answer.headers.getSetCookie()) {
          const [pair = ''] = line.split(';');
          jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
        }
        const location = answer.headers.get('location');
        if (!location) throw new Error(`${answer.status}: ${await answer.text()}`);
        url = new URL(location, url).href;
      }
      return url;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: authMethod,
      },
    ],
    clientAuthMethods: [authMethod],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['preferred_username', 'groups'],
    },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/agree/${uid}` },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ ...idp.person, sub }) }),
    cookies: { keys: ['a key of tests'] },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const agree = async (): Promise<void> => {
      const { prompt, params, session } = await provider.interactionDetails(request, response);
      if (prompt.name === 'login') {
        await provider.interactionFinished(request, response, { login: { accountId: idp.person.sub } });
        return;
      }
      const grant = new provider.Grant({
        accountId: String(session?.accountId),
        clientId: String(params['client_id']),
      });
      grant.addOIDCScope('openid profile email');
      const grantId = await grant.save();
      await provider.interactionFinished(
        request,
        response,
        { consent: { grantId } },
        { mergeWithLastSubmission: true },
      );
    };
    if (request.url?.startsWith('/agree/')) void agree();
    else void answer(request, response);
  });
  return idp;
};
