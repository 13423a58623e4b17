import { AppError } from '../lib/errors.ts';
import type { Role } from './principal.ts';
import { nameKey, type UserRow } from './records.ts';

/** Who the log names without a user of that name. */
const RESERVED = ['admin', 'unknown', 'single sign-on'];
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@+'-]{0,98}[\p{L}\p{N}]$/u;

/** What somebody gives of a user. */
export type UserContents = { name: string; role: Role; shopIds: readonly string[] | null };

const refuse = (text: string): never => {
  throw new AppError('user_invalid', 400, text);
};

/**
 * Throws `user_invalid`. `knownShopIds`: those served here, and those the user has already. An admin changes settings
 * that concern every shop, so one who is limited to some would not be limited.
 */
export const checkUser = ({ name, role, shopIds }: UserContents, knownShopIds: ReadonlySet<string>): void => {
  if (!NAME.test(name))
    refuse(
      "name: must have 2 to 100 letters, digits, spaces or any of ._@+'- and begin and end with a letter or digit.",
    );
  if (RESERVED.includes(nameKey(name))) refuse(`name: ${nameKey(name)} is reserved.`);
  if (shopIds === null) return;
  if (role === 'admin')
    refuse('role: an admin is one for the whole service; set shopIds to null, or role to operator.');
  if (shopIds.length === 0) refuse('shopIds: must name at least one shop, or be null for all.');
  const unknown = shopIds.filter((shopId) => !knownShopIds.has(shopId));
  if (unknown.length > 0) refuse(`shopIds: there is no shop ${unknown.join(', ')}.`);
};

const shopsText = (shopIds: readonly string[] | null): string =>
  shopIds === null ? 'all shops' : `shops ${shopIds.join(', ')}`;

/** What a change of a user is called in the audit log. */
export const changesText = (before: UserRow, after: UserRow): string => {
  const changes = [
    before.name === after.name ? null : `name ${before.name} → ${after.name}`,
    before.role === after.role ? null : `role ${before.role} → ${after.role}`,
    shopsText(before.shopIds) === shopsText(after.shopIds) ? null : shopsText(after.shopIds),
    before.passwordHash === after.passwordHash ? null : 'password',
    before.oidcSubject === after.oidcSubject
      ? null
      : `single sign-on ${after.oidcSubject === null ? 'unlinked' : 'linked'}`,
    before.disabledAtMs === after.disabledAtMs ? null : after.disabledAtMs === null ? 'enabled' : 'disabled',
  ];
  return changes.filter((change) => change !== null).join('; ') || 'nothing';
};

export const contentsText = ({ role, shopIds }: UserContents): string => `${role}, ${shopsText(shopIds)}`;
