import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import type { IdentityProvider, ProvenIdentity } from './identity-provider.ts';
import { ROLES, type Role } from './principal.ts';
import type { UserRow } from './records.ts';
import { isSameSecret } from './secrets.ts';
import type { Users } from './users.ts';

/** How long a person may take at the identity provider. */
export const FLOW_LIFE_MS = 10 * 60_000;
/** Flows that ended, remembered until they would have expired. */
const MOST_ENDED = 1_000;

/** What a sign-in has to come back with; kept by the browser that began it, in a cookie that it cannot change. */
const Flow = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  expiresAtMs: z.number(),
});
type Flow = z.output<typeof Flow>;

export type SingleSignOn = {
  /** `flow` goes into a cookie of the browser. Throws `single_sign_on_unavailable`. */
  begin(returnTo: string): Promise<{ url: string; flow: string }>;
  /**
   * `query`: what the provider sent back with the browser. Throws `single_sign_on_refused`, `…_unknown` or
   * `…_unavailable`.
   */
  finish(query: URLSearchParams, flow: string | null): Promise<{ user: UserRow; returnTo: string }>;
};

export type SingleSignOnOptions = {
  provider: IdentityProvider;
  store: Pick<Store, 'people' | 'keyedHash'>;
  users: Users;
  clock: Clock;
  /** For somebody who has no user here yet; null: they are refused. */
  defaultRole: Role | null;
  /** The claim that names the role; null: roles are given here. */
  roleClaim: string | null;
};

export const ssoRefused = (text: string): AppError => new AppError('single_sign_on_refused', 401, text);

const noUser = (): AppError =>
  new AppError('single_sign_on_unknown', 403, 'The identity provider knows you, and no user here is yours.');

const BY = { name: 'single sign-on', userId: null };

const texts = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string');

/** The most that a claim names: one role or a list of groups with roles among them. */
const roleOf = ({ claims }: ProvenIdentity, claim: string | null): Role | null =>
  claim === null ? null : (ROLES.findLast((role) => texts(claims[claim]).includes(role)) ?? null);

/**
 * The user of somebody who signs in for the first time. A mail address counts when the provider says that it is
 * verified. Any other name can often be changed by whoever has it, so it leads only to a user without a password, whom
 * an admin added for single sign-on.
 */
const findUnlinked = async (
  { people }: Pick<Store, 'people'>,
  { mail, preferredName }: ProvenIdentity,
): Promise<UserRow | null> => {
  const byMail = mail === null ? null : await people.findUserByName(mail);
  if (byMail) return byMail.oidcSubject === null ? byMail : null;
  const byName = preferredName === null ? null : await people.findUserByName(preferredName);
  return byName && byName.oidcSubject === null && byName.passwordHash === null ? byName : null;
};

/** Signing in through an identity provider. */
export const createSingleSignOn = (options: SingleSignOnOptions): SingleSignOn => {
  const { provider, store, users, clock, defaultRole, roleClaim } = options;
  const ended = new Map<string, number>();

  const signature = (text: string): string => store.keyedHash(`single-sign-on/${text}`);
  const write = (flow: Flow): string => {
    const text = Buffer.from(JSON.stringify(flow)).toString('base64url');
    return `${text}.${signature(text)}`;
  };
  const read = (cookie: string | null): Flow => {
    const [text = '', signed = ''] = cookie?.split('.') ?? [];
    if (!isSameSecret(signed, signature(text)))
      throw ssoRefused('This browser did not begin this sign-in; start again.');
    const flow = Flow.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (flow.expiresAtMs <= clock.nowMs() || ended.has(flow.state))
      throw ssoRefused('This sign-in took too long or has ended already; start again.');
    return flow;
  };
  const end = ({ state, expiresAtMs }: Flow): void => {
    for (const [known, untilMs] of ended) if (untilMs <= clock.nowMs()) ended.delete(known);
    const [first] = ended.keys();
    if (ended.size >= MOST_ENDED && first !== undefined) ended.delete(first);
    ended.set(state, expiresAtMs);
  };

  /** Where the provider names roles, it does so at every sign-in: who has none there any more has none here. */
  const withRole = async (user: UserRow, identity: ProvenIdentity): Promise<UserRow> => {
    if (roleClaim === null) return user;
    const named = roleOf(identity, roleClaim) ?? defaultRole;
    if (named === null) throw noUser();
    const role = named === 'admin' && user.shopIds !== null ? 'operator' : named;
    return role === user.role ? user : users.change(BY, user.userId, { role });
  };

  const add = async (identity: ProvenIdentity): Promise<UserRow> => {
    const name = identity.mail ?? identity.preferredName ?? identity.subject;
    const role = roleOf(identity, roleClaim) ?? defaultRole;
    if (defaultRole === null || role === null) throw noUser();
    return users.add(BY, { name, role, shopIds: null }, null, identity.subject);
  };

  const userOf = async (identity: ProvenIdentity): Promise<UserRow> => {
    const linked = await store.people.findUserBySubject(identity.subject);
    if (linked) return withRole(linked, identity);
    const unlinked = await findUnlinked(store, identity);
    if (!unlinked) return add(identity);
    const user = await withRole(unlinked, identity);
    return users.link(user, identity.subject);
  };

  return {
    async begin(returnTo) {
      const { url, ...secrets } = await provider.begin();
      return { url, flow: write({ ...secrets, returnTo, expiresAtMs: clock.nowMs() + FLOW_LIFE_MS }) };
    },
    async finish(query, cookie) {
      const flow = read(cookie);
      // Before the provider is asked: the same answer is never tried twice.
      end(flow);
      const user = await userOf(await provider.prove(query, flow));
      if (user.disabledAtMs !== null) throw noUser();
      return { user, returnTo: flow.returnTo };
    },
  };
};
