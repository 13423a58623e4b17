export type Money = { currencyCode: string; value: string };

type Scaled = { digits: bigint; scale: number };

/** Amazon's `Decimal` follows the number form of RFC 7159, exponent included. */
const DECIMAL = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,2}))?$/;

const scaled = (value: string): Scaled | null => {
  const match = DECIMAL.exec(value.trim());
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
};

const print = ({ digits, scale }: Scaled): string => {
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  if (scale === 0) return `${sign}${text}`;
  return `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
};

/** Exact sum, with as many decimals as the finest amount. Null for no amounts, mixed currencies or an unreadable one. */
export const sumMoney = (amounts: readonly Money[]): { currency: string; value: string } | null => {
  const currency = amounts[0]?.currencyCode;
  if (currency === undefined || amounts.some((amount) => amount.currencyCode !== currency)) return null;
  let total: Scaled = { digits: 0n, scale: 0 };
  for (const amount of amounts) {
    const next = scaled(amount.value);
    if (!next) return null;
    const scale = Math.max(total.scale, next.scale);
    const raise = (part: Scaled): bigint => part.digits * 10n ** BigInt(scale - part.scale);
    total = { digits: raise(total) + raise(next), scale };
  }
  return { currency, value: print(total) };
};
