const LONG_BARE_INTEGER = /[:[,]\s*-?\d{16,}/;

/**
 * `JSON.parse` that keeps integers beyond 2^53 as strings. TikTok sends `product_id` as a bare 64-bit number in
 * webhook types 5, 16 and 37 (partner docs, 2025-12). Throws `SyntaxError` like `JSON.parse`.
 */
export const parseJson = (text: string): unknown => {
  if (!LONG_BARE_INTEGER.test(text)) return JSON.parse(text);
  const keepLongIntegers = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const source = context?.source ?? '';
    return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
      ? source
      : value;
  };
  return JSON.parse(text, keepLongIntegers);
};
