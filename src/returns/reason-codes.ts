/** Words in TikTok's reason codes, and Amazon's code that says the same. The first hit wins. */
const CODES: readonly { pattern: RegExp; code: string }[] = [
  { pattern: /wrong/, code: 'CR-SWITCHEROO' },
  { pattern: /missing|incomplete|empty/, code: 'CR-MISSING_PARTS' },
  { pattern: /defect|faulty|not_work|malfunction|quality/, code: 'CR-DEFECTIVE' },
  { pattern: /damage|broken/, code: 'CR-DAMAGED_BY_CARRIER' },
  { pattern: /descri|match|different|counterfeit/, code: 'AMZ-PG-BAD-DESC' },
  { pattern: /late|delay|on_time/, code: 'CR-MISSED_ESTIMATED_DELIVERY' },
  { pattern: /price|cheaper/, code: 'CR-FOUND_BETTER_PRICE' },
  { pattern: /mistake|accident/, code: 'CR-ORDERED_WRONG_ITEM' },
];
const FALLBACK = 'CR-UNWANTED_ITEM';

/**
 * Amazon's reason code for a return, among those it offers for the SKU: only such a code is taken. Null when it
 * offers none. Pure.
 */
export const chooseReasonCode = (channelCode: string | null, offered: readonly string[]): string | null => {
  const words = (channelCode ?? '').toLowerCase();
  const meant = CODES.find(({ pattern }) => pattern.test(words))?.code;
  return [meant, FALLBACK].find((code) => code !== undefined && offered.includes(code)) ?? offered[0] ?? null;
};
