import { isIP } from 'node:net';
import { z } from 'zod';

/** What the documentation says of a variable. */
export type VariableDoc = {
  description: string;
  /** Shown in the documentation; the schema holds the real default. */
  defaultText: string;
  group: string;
  /** May also come from a file: `NAME_FILE`. Never printed. */
  secret?: true;
};

/** Documentation by schema. */
export const docs = z.registry<VariableDoc>();

/** Registers what is said of a variable beside how it is read. */
export const variable = <Schema extends z.ZodType>({
  schema,
  ...doc
}: VariableDoc & { schema: Schema }): Schema => {
  // A copy of its own: several variables share a kind, and the registry tells them apart by identity.
  const own = schema.clone();
  docs.add(own, doc);
  return own;
};

export const text = z.string().trim().min(1, 'must not be empty');
export const optionalText = text.optional();
export const list = text.transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
export const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number()
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`);
/** Days that something is kept; 0: for ever. */
export const keptDays = (least: number) =>
  wholeNumber(0, 3_650).refine((days) => days === 0 || days >= least, `must be 0 or at least ${least}`);
export const flag = z
  .enum(['true', 'false', '1', '0'], { message: 'must be true or false' })
  .transform((value) => value === 'true' || value === '1');
export const httpUrl = z.url({ protocol: /^https?$/, message: 'must be an http(s) URL' });
export const baseUrl = httpUrl.transform((value) => value.replace(/\/+$/, ''));
export const smtpUrl = z.url({ protocol: /^smtps?$/, message: 'must be an smtp(s) URL' });
const isMailAddress = (value: string): boolean => /^[^\r\n]*[^\s@]@[^\s@]+$/.test(value);
export const mailAddress = text.refine(isMailAddress, 'must be a mail address');
export const mailAddresses = list.refine(
  (parts) => parts.length > 0 && parts.every(isMailAddress),
  'must be mail addresses, separated by commas',
);
export const key32 = text.refine(
  (value) => /^[A-Za-z0-9+/]{43}=$/.test(value),
  'must be 32 bytes in base64: openssl rand -base64 32',
);

const isNetwork = (value: string): boolean => {
  const [address = '', bits, ...rest] = value.split('/');
  const widest = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) > 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= widest))
  );
};

/**
 * `false`, a number of proxies, or their addresses and networks. Nothing stands for all addresses: that would believe
 * whatever a client writes.
 */
export const trustedProxies = text.transform((value, context): false | number | string[] => {
  if (value === 'false' || value === '0') return false;
  if (/^[1-9]$/.test(value)) return Number(value);
  const networks = value.split(',').map((part) => part.trim());
  if (!networks.every(isNetwork)) {
    context.addIssue('must be false, a number from 1 to 9, or addresses and networks such as 10.0.0.0/8');
  }
  return networks;
});

const SPEEDS = z.enum(['Standard', 'Expedited', 'Priority']);

/** `Name=Speed, Name=Speed` as a map from the name in lower case. */
export const speedTable = list.transform((rows, context) => {
  const table = new Map<string, z.output<typeof SPEEDS>>();
  for (const row of rows) {
    const at = row.lastIndexOf('=');
    const speed = SPEEDS.safeParse(row.slice(at + 1).trim());
    const name = row.slice(0, Math.max(0, at)).trim().toLowerCase();
    if (name === '' || !speed.success)
      context.addIssue('must be Name=Standard|Expedited|Priority, separated by commas');
    else table.set(name, speed.data);
  }
  return table;
});

export const HOLDABLE_KINDS = [
  'sample',
  'gift',
  'replacement',
  'exchange',
  'pre_order',
  'made_to_order',
  'back_order',
  'lottery',
] as const;

/** A comma list of kinds; `none` is the empty one. */
export const kindList = list
  .transform((kinds) => kinds.filter((kind) => kind !== 'none'))
  .pipe(z.array(z.enum(HOLDABLE_KINDS, { message: `must be of ${HOLDABLE_KINDS.join(', ')}` })));

/** A moment with its zone, in Unix milliseconds. */
export const instant = z.iso
  .datetime({ offset: true, message: 'must be a time with zone, such as 2026-01-31T18:00:00Z' })
  .transform((time) => Date.parse(time));
