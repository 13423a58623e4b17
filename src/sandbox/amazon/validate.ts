import type { z } from 'zod';
import {
  type Address,
  CreateBody,
  CreateLine,
  isLatin1,
  PreviewBody,
  ReturnBody,
  TEXTS,
  UpdateBody,
} from './schema.ts';
import type { World } from './state.ts';

export type Checked<Body> = { ok: true; body: Body } | { ok: false; message: string };
type Issue = { path: PropertyKey[]; message: string };

const AMAZON_TEXTS: ReadonlySet<string> = new Set(Object.values(TEXTS));
const JAPAN = 'JP';
const JAPANESE_MARKETPLACE = 'A1VC38T7YXB528';
const US_MARKETPLACE = 'ATVPDKIKX0DER';

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const at = (value: unknown, path: PropertyKey[]): unknown => {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
};

const isMissing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

export const badValue = (value: string, parameter: string, reason = 'InvalidValue'): string =>
  `Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}.`;

export const missing = (parameter: string): string => `The request must contain the parameter ${parameter}.`;

const missingParts = (parts: readonly string[]): string =>
  `The following required parameters are missing: [${parts.join(', ')}]`;

const names = (path: PropertyKey[]): string[] =>
  path.filter((key) => typeof key === 'string').map((key) => pascal(key));

const issueText = (body: unknown, issue: Issue): string => {
  const value = at(body, issue.path);
  if (issue.path.at(-1) === 'value' && issue.message === TEXTS.money) return TEXTS.money;
  if (isMissing(value)) return missing(names(issue.path).join('.'));
  if (AMAZON_TEXTS.has(issue.message)) return issue.message;
  const parameter = names(issue.path).at(-1) ?? '';
  if (parameter === 'Quantity' && value === 0) return badValue('0', parameter, 'AllQuantityZero');
  if (Array.isArray(value)) return badValue('', parameter);
  const plain = typeof value === 'string' || typeof value === 'number';
  return plain && !issue.message.startsWith('Invalid input: expected string')
    ? badValue(String(value), parameter)
    : 'Invalid Input';
};

/** Amazon reads an address that is no object as an empty one, and names these two. */
const ARRAY_ADDRESS = missingParts(['PostalCode', 'City']);

const addressText = (address: unknown, prefix: '' | 'Address.'): string | undefined => {
  if (!isObject(address)) return Array.isArray(address) ? ARRAY_ADDRESS : undefined;
  const needed = [
    'name',
    'addressLine1',
    'postalCode',
    ...(address['countryCode'] === JAPAN ? [] : ['city']),
  ];
  const absent = needed.filter((key) => isMissing(address[key])).map(pascal);
  if (absent.length > 0) return missingParts(absent);
  if (isMissing(address['countryCode'])) {
    return prefix === '' ? badValue('', 'CountryCode') : missing(`${prefix}CountryCode`);
  }
  if (address['countryCode'] === JAPAN && !isMissing(address['city'])) return badValue('', 'City');
  return undefined;
};

const shaped = <Body>(schema: z.ZodType<Body>, body: unknown): Checked<Body> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { ok: true, body: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, message: issue ? issueText(body, issue) : 'Invalid Input' };
};

/** The first line whose SKU Amazon does not know in this marketplace. */
const skuText = (
  world: World,
  lines: readonly { sellerSku: string; sellerFulfillmentOrderItemId: string }[],
): string | undefined => {
  const unknown = lines.find((line) => !world.stock.has(line.sellerSku));
  return unknown && `the SellerSKU for Item Id: ${unknown.sellerFulfillmentOrderItemId} is invalid.`;
};

const repeatedLine = (lines: readonly { sellerFulfillmentOrderItemId: string }[]): string | undefined => {
  const ids = lines.map((line) => line.sellerFulfillmentOrderItemId);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  return repeated && badValue(repeated, 'SellerFulfillmentOrderItemId');
};

const countryRules = (body: CreateBody): string | undefined => {
  const speed = body.shippingSpeedCategory;
  const scheduled = speed === 'ScheduledDelivery';
  if (scheduled && body.marketplaceId !== JAPANESE_MARKETPLACE)
    return badValue(speed, 'ShippingSpeedCategory');
  if (speed === 'Priority' && body.marketplaceId === US_MARKETPLACE) {
    return badValue(speed, 'ShippingSpeedCategory');
  }
  if (scheduled && body.fulfillmentAction === 'Hold') return badValue('Hold', 'FulfillmentAction');
  if (scheduled && !body.deliveryWindow) return missing('DeliveryWindow');
  if (body.destinationAddress.countryCode !== 'IN') return undefined;
  if (isMissing(body.paymentInformation)) return missing('PaymentInformation');
  const undeclared = body.items.some((line) => line.perUnitDeclaredValue === undefined);
  return undeclared ? missing('Items.PerUnitDeclaredValue') : undefined;
};

const marketplaceText = (world: World, body: unknown): string | undefined =>
  at(body, ['marketplaceId']) === world.marketplaceId ? undefined : badValue('', 'SellerId');

/** Checks a create's body the way Amazon does; the message is Amazon's. */
export const checkCreate = (world: World, raw: unknown): Checked<CreateBody> => {
  if (!isObject(raw)) return { ok: false, message: 'Invalid Input' };
  const early = marketplaceText(world, raw) ?? addressText(raw['destinationAddress'], '');
  if (early !== undefined) return { ok: false, message: early };
  const checked = shaped(CreateBody, raw);
  if (!checked.ok) return checked;
  const { body } = checked;
  const late = repeatedLine(body.items) ?? countryRules(body) ?? skuText(world, body.items);
  return late === undefined ? checked : { ok: false, message: late };
};

/** Checks a preview's body. An unknown SKU is no fault here: the preview says so. */
export const checkPreview = (raw: unknown): Checked<PreviewBody> => {
  if (!isObject(raw)) return { ok: false, message: 'Invalid Input' };
  const message = addressText(raw['address'], 'Address.');
  if (message !== undefined) return { ok: false, message };
  const checked = shaped(PreviewBody, raw);
  if (!checked.ok) return checked;
  const repeated = repeatedLine(checked.body.items);
  return repeated === undefined ? checked : { ok: false, message: repeated };
};

/** Checks an update's body; everything in it is optional. */
export const checkUpdate = (raw: unknown): Checked<UpdateBody> => {
  if (!isObject(raw)) return { ok: false, message: 'Invalid Input' };
  const message = 'destinationAddress' in raw ? addressText(raw['destinationAddress'], '') : undefined;
  return message === undefined ? shaped(UpdateBody, raw) : { ok: false, message };
};

/** Checks the form of a return's body; its units are judged one by one. */
export const checkReturn = (raw: unknown): Checked<ReturnBody> =>
  isObject(raw) ? shaped(ReturnBody, raw) : { ok: false, message: 'Invalid Input' };

/** Conservative lengths; Amazon's model states none. */
const ADDRESS_LIMITS: Record<string, number> = {
  name: 50,
  addressLine1: 60,
  addressLine2: 60,
  addressLine3: 60,
  city: 50,
  stateOrRegion: 50,
  postalCode: 20,
  phone: 20,
};

const unknownKeys = (shape: object, value: object, prefix: string): string[] =>
  Object.keys(value)
    .filter((key) => !(key in shape))
    .map((key) => `unknown field ${prefix}${key}`);

const addressHabits = (address: Address): string[] =>
  Object.entries(address).flatMap(([key, value]) => {
    if (typeof value !== 'string') return [];
    const faults: string[] = [];
    if (value.includes('*')) faults.push(`masked ${key}`);
    if (value.length > (ADDRESS_LIMITS[key] ?? Number.POSITIVE_INFINITY)) faults.push(`${key} too long`);
    if (!isLatin1(value)) faults.push(`${key} is not ISO 8859-1`);
    return faults;
  });

/** What Amazon lets through and a careful client still never sends. Names fields, never values. */
export const createHabits = (body: CreateBody): string[] => [
  ...(/^[A-Za-z0-9_-]+$/.test(body.sellerFulfillmentOrderId) ? [] : ['id is not safe in a path']),
  ...unknownKeys(CreateBody.shape, body, ''),
  ...unknownKeys(CreateBody.shape.destinationAddress.shape, body.destinationAddress, 'destinationAddress.'),
  ...body.items.flatMap((line) => unknownKeys(CreateLine.shape, line, 'items.')),
  ...addressHabits(body.destinationAddress),
];
