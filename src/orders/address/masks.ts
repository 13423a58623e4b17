const STARS = /[*∗⁎⁑✱✲✳٭█]/u;
const DOTS = /[•●]\s*[•●]/u;

/**
 * Whether a text is partly hidden. TikTok Shop masks with `*` (change log 2025-07, "recipient address masking");
 * look-alikes are taken for masks too, since a refused order can be retried and a parcel to a mask cannot be called
 * back. A single bullet is ordinary punctuation.
 */
export function containsMask(text: string): boolean {
  const plain = text.normalize('NFKC');
  return STARS.test(plain) || DOTS.test(plain);
}
