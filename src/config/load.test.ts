import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { envExample, variablesTable } from './docs.ts';
import { ConfigError, loadConfig } from './load.ts';
import { variableDocs } from './variables.ts';

const complete = {
  ADMIN_TOKEN: 'an-admin-token-of-tests',
  TIKTOK_APP_KEY: 'key',
  TIKTOK_APP_SECRET: 'first, second',
  AMAZON_LWA_CLIENT_ID: 'client',
  AMAZON_LWA_CLIENT_SECRET: 'client-secret',
  AMAZON_LWA_REFRESH_TOKEN: 'refresh',
};
const folders: string[] = [];
const tempFile = (content: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  folders.push(folder);
  writeFileSync(join(folder, 'secret'), content);
  return join(folder, 'secret');
};
const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('loadConfig', () => {
  it('starts with nothing but the required variables', () => {
    const config = loadConfig(complete);

    expect(config.PORT).toBe(3000);
    expect(config.TIKTOK_APP_SECRET).toEqual(['first', 'second']);
    expect(config.REMORSE_HOLD_SECONDS).toBe(3600);
    expect(config.AMAZON_LWA_URL).toBe('https://api.amazon.com');
  });

  it('reports all faults at once, by name', () => {
    const faults = faultsOf({ PORT: 'high', ADMIN_TOKEN: 'short', AWS_ACCESS_KEY_ID: 'AKIA' });

    for (const name of [
      'PORT',
      'ADMIN_TOKEN',
      'TIKTOK_APP_KEY',
      'TIKTOK_APP_SECRET',
      'AMAZON_LWA_CLIENT_ID',
      'AMAZON_LWA_CLIENT_SECRET',
      'AWS_SECRET_ACCESS_KEY',
    ]) {
      expect(faults.filter((fault) => fault.startsWith(`${name}:`))).toHaveLength(1);
    }
  });

  it('never repeats a value in a fault', () => {
    const values = {
      ADMIN_TOKEN: 'tiny-secret',
      LOG_LEVEL: 'loud-value',
      ENCRYPTION_KEY: 'not-base64-value',
      DATABASE_URL: 'mysql://user:pw@h',
    };

    const text = faultsOf({ ...complete, ...values }).join('\n');

    for (const value of Object.values(values)) expect(text).not.toContain(value);
  });

  it('reads any secret from the file that NAME_FILE names', () => {
    const { ADMIN_TOKEN: _, ...rest } = complete;

    expect(loadConfig({ ...rest, ADMIN_TOKEN_FILE: tempFile('token-from-a-file-here\n') }).ADMIN_TOKEN).toBe(
      'token-from-a-file-here',
    );
    expect(faultsOf({ ...rest, ADMIN_TOKEN_FILE: '/nowhere/at/all' })).toEqual([
      'ADMIN_TOKEN_FILE: the file cannot be read',
    ]);
    expect(faultsOf({ ...complete, ADMIN_TOKEN_FILE: tempFile('x') })[0]).toMatch(/not both/);
  });

  it('wants all settings of the alert mail or none, and names what is missing', () => {
    const mail = {
      ALERT_SMTP_URL: 'smtps://user:pw@mail.example.com',
      ALERT_MAIL_FROM: 'MCF <mcf@example.com>',
      ALERT_MAIL_TO: 'one@example.com, two@example.com',
    };
    const { ALERT_SMTP_URL, ALERT_MAIL_FROM } = mail;

    expect(loadConfig({ ...complete, ...mail }).ALERT_MAIL_TO).toEqual([
      'one@example.com',
      'two@example.com',
    ]);
    expect(faultsOf({ ...complete, ALERT_SMTP_URL })).toEqual([
      'ALERT_MAIL_FROM: is required with ALERT_SMTP_URL',
      'ALERT_MAIL_TO: is required with ALERT_SMTP_URL',
    ]);
    expect(faultsOf({ ...complete, ALERT_SMTP_URL, ALERT_MAIL_FROM })).toEqual([
      'ALERT_MAIL_TO: is required with ALERT_SMTP_URL and ALERT_MAIL_FROM',
    ]);
    expect(faultsOf({ ...complete, ...mail, ALERT_MAIL_TO: 'nobody' })).toEqual([
      'ALERT_MAIL_TO: must be mail addresses, separated by commas',
    ]);
  });

  it('wants all settings of single sign-on or none, and an address to come back to', () => {
    const oidc = {
      OIDC_ISSUER: 'https://idp.example.com',
      OIDC_CLIENT_ID: 'mcf',
      OIDC_CLIENT_SECRET: 'secret-of-the-client',
    };
    const PUBLIC_URL = 'https://mcf.example.com';

    expect(loadConfig({ ...complete, ...oidc, PUBLIC_URL })).toMatchObject(oidc);
    expect(faultsOf({ ...complete, ...oidc })).toEqual(['PUBLIC_URL: is required with OIDC_ISSUER']);
    expect(faultsOf({ ...complete, PUBLIC_URL, OIDC_ISSUER: oidc.OIDC_ISSUER })).toEqual([
      'OIDC_CLIENT_ID: is required with OIDC_ISSUER',
      'OIDC_CLIENT_SECRET: is required with OIDC_ISSUER',
    ]);
    expect(faultsOf({ ...complete, OIDC_DEFAULT_ROLE: 'admin' })).toEqual([
      expect.stringMatching(/^OIDC_DEFAULT_ROLE: /),
    ]);
  });

  it('keeps the audit log for ever, or for over a year', () => {
    const keep = (days: string) => ({ ...complete, RETENTION_AUDIT_DAYS: days });

    expect(loadConfig(complete).RETENTION_AUDIT_DAYS).toBe(400);
    expect(loadConfig(keep('0')).RETENTION_AUDIT_DAYS).toBe(0);
    expect(faultsOf(keep('399'))).toEqual(['RETENTION_AUDIT_DAYS: must be 0 or at least 400']);
  });

  it('keeps orders and deliveries for ever, or for long enough', () => {
    const keep = (deliveries: string, orders: string): Record<string, string> => ({
      ...complete,
      RETENTION_NOTIFICATIONS_DAYS: deliveries,
      RETENTION_ORDERS_DAYS: orders,
    });

    expect(loadConfig(keep('0', '0'))).toMatchObject({
      RETENTION_NOTIFICATIONS_DAYS: 0,
      RETENTION_ORDERS_DAYS: 0,
    });
    expect(faultsOf(keep('7', '90'))).toEqual([]);
    expect(faultsOf(keep('6', '89'))).toEqual([
      'RETENTION_NOTIFICATIONS_DAYS: must be 0 or at least 7',
      'RETENTION_ORDERS_DAYS: must be 0 or at least 90',
    ]);
  });

  it('keeps the URL of the alert webhook as it is', () => {
    const ALERT_WEBHOOK_URL = 'https://hooks.example.com/services/T0/B0/x/';

    expect(loadConfig({ ...complete, ALERT_WEBHOOK_URL }).ALERT_WEBHOOK_URL).toBe(ALERT_WEBHOOK_URL);
  });

  it('takes an empty value for an unset one', () => {
    expect(loadConfig({ ...complete, TIKTOK_SHOP_ID: '', PORT: ' ' }).PORT).toBe(3000);
  });

  it('drops the trailing slash of upstream bases and allows plain http', () => {
    expect(loadConfig({ ...complete, TIKTOK_API_URL: 'http://127.0.0.1:9/' }).TIKTOK_API_URL).toBe(
      'http://127.0.0.1:9',
    );
  });
});

describe('the documentation of variables', () => {
  it('.env.example is what the schema generates', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(envExample());
  });

  it('the README holds the generated table', () => {
    expect(readFileSync('README.md', 'utf8')).toContain(variablesTable());
  });

  it('marks every variable that holds a credential as a secret', () => {
    const holdsCredential = ([name]: [string, unknown]): boolean =>
      /TOKEN|SECRET|CIPHER|_KEY$|_KEY_ID$/.test(name) && name !== 'TIKTOK_APP_KEY';

    const open = variableDocs().filter((entry) => holdsCredential(entry) && !entry[1].secret);

    expect(open.map(([name]) => name)).toEqual([]);
  });
});
