import { readFileSync } from 'node:fs';
import type { VariableDoc } from './kinds.ts';
import { type Config, ENVIRONMENT, type VariableName, variableDocs } from './variables.ts';

/** Unset or malformed settings, all of them, by name and never by value. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

type Environment = Record<string, string | undefined>;

/** The variable's value, or that of the file its `NAME_FILE` points to. An empty value counts as unset. */
const valueOf = (
  name: string,
  variable: VariableDoc,
  env: Environment,
  faults: string[],
): string | undefined => {
  const direct = env[name]?.trim() === '' ? undefined : env[name];
  const file = variable.secret ? env[`${name}_FILE`] : undefined;
  if (!file) return direct;
  if (direct !== undefined) {
    faults.push(`${name}: set it or ${name}_FILE, not both`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    faults.push(`${name}_FILE: the file cannot be read`);
    return undefined;
  }
};

/** Where the data lies, for a command that needs nothing else of the environment. Throws `ConfigError`. */
export const loadDatabaseUrl = (env: Environment): string => {
  const parsed = ENVIRONMENT.shape.DATABASE_URL.safeParse(env['DATABASE_URL']?.trim() || undefined);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map(({ message }) => `DATABASE_URL: ${message}`));
};

const PAIRS: readonly [VariableName, VariableName][] = [
  ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  ['TIKTOK_SHOP_CIPHER', 'TIKTOK_SHOP_ID'],
  ['OIDC_ISSUER', 'PUBLIC_URL'],
];

/** All of them or none. */
const TOGETHER: readonly (readonly VariableName[])[] = [
  ['ALERT_SMTP_URL', 'ALERT_MAIL_FROM', 'ALERT_MAIL_TO'],
  ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'],
];

/** Reads every variable. Throws one `ConfigError` that names all faults. */
export const loadConfig = (env: Environment): Config => {
  const faults: string[] = [];
  const raw: Record<string, string | undefined> = {};
  for (const [name, variable] of variableDocs()) {
    const before = faults.length;
    raw[name] = valueOf(name, variable, env, faults);
    if (faults.length > before) delete raw[name];
  }
  const parsed = ENVIRONMENT.safeParse(raw);
  const named = new Set(faults.map((fault) => fault.split(/:|_FILE/)[0]));
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    if (named.has(name)) continue;
    faults.push(raw[name] === undefined ? `${name}: is required` : `${name}: ${issue.message}`);
  }
  for (const [first, second] of PAIRS) {
    if (raw[first] !== undefined && raw[second] === undefined)
      faults.push(`${second}: is required with ${first}`);
  }
  for (const group of TOGETHER) {
    const given = group.filter((name) => raw[name] !== undefined);
    for (const name of group) {
      if (given.length > 0 && raw[name] === undefined && !named.has(name))
        faults.push(`${name}: is required with ${given.join(' and ')}`);
    }
  }
  if (faults.length > 0 || !parsed.success) throw new ConfigError(faults);
  return parsed.data;
};
