/** What a 400's text means. `unknown` is a text not in the table, `opaque` one that says nothing. */
export type RefusalClass =
  | 'duplicate'
  | 'notFound'
  | 'badSku'
  | 'missingField'
  | 'cancelAlreadyRequested'
  | 'tooLate'
  | 'badValue'
  | 'noStock'
  | 'moneyShape'
  | 'dateShape'
  | 'config'
  | 'opaque'
  | 'unknown';

export type RemoteError = { code: string; message: string; details: string };

export type Finding = {
  class: RefusalClass;
  /** Parameter names and reason words only. */
  message: string;
  itemId?: string;
  /** Some parameter named is a part of the address. */
  aboutAddress: boolean;
};
type Reading = Omit<Finding, 'class'>;
type MessageRow = { class: RefusalClass; pattern: RegExp; read: (match: RegExpExecArray) => Reading };

const PARAMETER = /^[A-Za-z][A-Za-z0-9.[\]]{0,79}$/;
const ITEM_ID = /^[\w-]{1,50}$/;
const ADDRESS_PART =
  /^((destination)?address|addressline\d?|city|postalcode|countrycode|stateorregion|districtorcounty|name|phone)$/i;

const isAddressParameter = (parameter: string): boolean =>
  parameter.split('.').some((part) => ADDRESS_PART.test(part));

const says = (message: string) => (): Reading => ({ message, aboutAddress: false });

/** A name not shaped like a parameter may be a piece of what was sent, so it is not repeated. */
const readParameters = (names: readonly string[], reason: string): Reading => {
  const safe = names.map((name) => name.trim()).filter((name) => PARAMETER.test(name));
  return {
    message: `${safe.join(', ') || 'a parameter Amazon did not name'}: ${reason}`,
    aboutAddress: safe.some(isAddressParameter),
  };
};

const readMissing = (match: RegExpExecArray): Reading =>
  readParameters((match[1] ?? match[2] ?? '').split(','), 'missing');

/** Group 1 is the value, which may be a piece of the address: never read. */
const readBadValue = (match: RegExpExecArray): Reading => readParameters([match[2] ?? ''], match[3] ?? '');

const readBadSku = (match: RegExpExecArray): Reading => {
  const itemId = (match[1] ?? '').trim();
  return {
    message: 'Amazon does not know the SKU in this marketplace',
    aboutAddress: false,
    ...(ITEM_ID.test(itemId) ? { itemId } : {}),
  };
};

/**
 * Amazon uses the code `InvalidInput` for nearly every 400, so the text decides; the first hit wins. Texts from
 * Amazon's former static sandbox and public reports; production wording may differ slightly.
 */
const REFUSAL_MESSAGES: readonly MessageRow[] = [
  // Documented as "A create request already exists"; wider, because a repeat taken for a refusal costs a person's time.
  { class: 'duplicate', pattern: /already exists/i, read: says('the order id is taken') },
  {
    class: 'notFound',
    pattern: /Requested order '.*' not found/is,
    read: says('Amazon does not know this order'),
  },
  { class: 'badSku', pattern: /SellerSKU for Item Id: (.*?) is invalid/i, read: readBadSku },
  {
    class: 'missingField',
    pattern: /required parameters are missing: \[(.*)\]|must contain the parameter (\S+?)\.?$/i,
    read: readMissing,
  },
  {
    class: 'cancelAlreadyRequested',
    pattern: /DuplicateCancelRequest/i,
    read: says('cancellation was asked for before'),
  },
  {
    class: 'tooLate',
    pattern: /OrderNotUpdatable|not updatable/i,
    read: says('Amazon has begun to work on the order'),
  },
  {
    class: 'badValue',
    pattern: /Value (.*) for parameter (.*) is invalid\. Reason: (\w+)/is,
    read: readBadValue,
  },
  { class: 'noStock', pattern: /No inventory available/i, read: says('Amazon has no stock for it') },
  {
    class: 'moneyShape',
    pattern: /missing value for decimal type/i,
    read: says('an amount of money is malformed'),
  },
  { class: 'dateShape', pattern: /timestamp must follow ISO8601/i, read: says('a date is malformed') },
  {
    class: 'config',
    pattern: /must contain a valid (marketplace|Feature)/i,
    read: says('marketplace or feature is not valid for this seller'),
  },
  { class: 'opaque', pattern: /^(Invalid Input|null|)$/i, read: says('Amazon gave no reason') },
];

/** What the texts of a refusal mean, none of them repeated. Pure. */
export const readRefusal = (errors: readonly RemoteError[]): Finding => {
  const texts = errors.flatMap((error) => (error.details ? [error.message, error.details] : [error.message]));
  for (const row of REFUSAL_MESSAGES) {
    for (const text of texts) {
      const match = row.pattern.exec(text.trim());
      if (match) return { class: row.class, ...row.read(match) };
    }
  }
  const message =
    texts.length === 0
      ? 'Amazon gave no readable reason'
      : 'Amazon gave a reason that is not in the table of this version';
  return { class: texts.length === 0 ? 'opaque' : 'unknown', message, aboutAddress: false };
};
