import type { AppDeps } from '../app.ts';
import { createIdentityProvider } from '../people/identity-provider.ts';
import { createPeople } from '../people/index.ts';
import { createSingleSignOn } from '../people/single-sign-on.ts';
import type { Parts } from './parts.ts';

/** Users, sessions, tokens and the audit log; single sign-on where an identity provider is named. */
export const wirePeople = ({
  config,
  store,
  clock,
  logger,
}: Parts): Pick<AppDeps, 'people' | 'publicUrl' | 'singleSignOn'> => {
  const people = createPeople({ store, adminToken: config.ADMIN_TOKEN, clock });
  const publicUrl = config.PUBLIC_URL ?? null;
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config;
  if (!issuer || !clientId || !clientSecret || !publicUrl) return { people, publicUrl, singleSignOn: null };
  const provider = createIdentityProvider({
    issuer,
    clientId,
    clientSecret,
    redirectUri: `${publicUrl}/session/oidc/callback`,
    onFault: (fault) => logger.warn(fault, 'single sign-on failed'),
  });
  const singleSignOn = createSingleSignOn({
    provider,
    store,
    users: people.users,
    clock,
    defaultRole: config.OIDC_DEFAULT_ROLE ?? null,
    roleClaim: config.OIDC_ROLE_CLAIM ?? null,
  });
  return { people, publicUrl, singleSignOn };
};
