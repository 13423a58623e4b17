import type { Clock } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';
import { type ApiTokens, createApiTokens } from './api-tokens.ts';
import { type Audit, createAudit } from './audit.ts';
import { createIdentify, type Identify } from './identify.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createUsers, type Users } from './users.ts';

/** Who may use the service, how they prove it, and what they did. */
export type People = {
  identify: Identify;
  signIn: SignIn;
  users: Users;
  tokens: ApiTokens;
  audit: Audit;
};

export type PeopleDeps = {
  store: Pick<Store, 'people' | 'audit' | 'shops' | 'keyedHash'>;
  adminToken: string;
  clock: Clock;
  /** Default: hashed in threads of their own. */
  passwords?: Passwords;
};

export const createPeople = ({
  store,
  adminToken,
  clock,
  passwords = createPasswords(),
}: PeopleDeps): People => {
  const audit = createAudit({ store, clock });
  return {
    identify: createIdentify({ store, adminToken, clock }),
    signIn: createSignIn({ store, adminToken, clock, audit, passwords }),
    users: createUsers({ store, clock, audit, passwords }),
    tokens: createApiTokens({ store, clock, audit }),
    audit,
  };
};
