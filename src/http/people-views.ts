import { z } from 'zod';
import { isoTime } from '../lib/clock.ts';
import { ROLES } from '../people/principal.ts';
import type { ApiTokenRow, AuditRow, UserRow } from '../people/records.ts';

export const ApiToken = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().describe('Its first characters'),
    createdAt: z.iso.datetime(),
    usedAt: z.iso.datetime().nullable().describe('At most a minute behind'),
    expiresAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiToken', description: 'An API token, without itself' });

export const NewApiToken = z.object({
  ...ApiToken.shape,
  token: z.string().describe('The token itself; it cannot be read again'),
});

export const NewApiTokenBody = z
  .strictObject({
    name: z.string().trim().min(1).max(100).describe('What it is for'),
    expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
  })
  .transform(({ name, expiresAt }) => ({
    name,
    expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt),
  }));

export const User = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    shopIds: z.array(z.string()).nullable().describe('Limited to these; null: all shops'),
    hasPassword: z.boolean(),
    isLinked: z.boolean().describe('Signs in by single sign-on'),
    isDisabled: z.boolean(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'User', description: 'Somebody who may use the service' });

export const AuditEntries = z
  .object({
    entries: z.array(
      z.object({
        id: z.int(),
        at: z.iso.datetime(),
        who: z.string(),
        userId: z.string().nullable(),
        action: z.string(),
        target: z.string().nullable(),
        shopId: z.string().nullable(),
        detail: z.string().nullable(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'AuditEntries', description: 'What people did, newest first' });

const time = (atMs: number | null): string | null => (atMs === null ? null : isoTime(atMs));

export const apiTokenView = (row: ApiTokenRow): z.output<typeof ApiToken> => ({
  id: row.tokenId,
  name: row.name,
  prefix: row.prefix,
  createdAt: isoTime(row.createdAtMs),
  usedAt: time(row.usedAtMs),
  expiresAt: time(row.expiresAtMs),
});

export const userView = (user: UserRow): z.output<typeof User> => ({
  id: user.userId,
  name: user.name,
  role: user.role,
  shopIds: user.shopIds === null ? null : [...user.shopIds],
  hasPassword: user.passwordHash !== null,
  isLinked: user.oidcSubject !== null,
  isDisabled: user.disabledAtMs !== null,
  createdAt: isoTime(user.createdAtMs),
});

export const auditView = ({ atMs, ...entry }: AuditRow) => ({ ...entry, at: isoTime(atMs) });
