import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;
export const KEY_BYTES = 32;

/** A key for one purpose, so that no two uses share key material. */
export const deriveKey = (master: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', master, new Uint8Array(0), `mcf-connector/${purpose}`, KEY_BYTES));

/** HMAC-SHA256 in hex: the same text gives the same hash, which says nothing without the key. */
export const keyedHash = (key: Uint8Array, text: string): string =>
  createHmac('sha256', key).update(text).digest('hex');

/** AES-256-GCM, bound to `account`: version, nonce, tag, ciphertext. */
export const seal = (key: Uint8Array, account: string, text: string): Uint8Array => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(account));
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), ciphertext]);
};

/** The sealed text; throws when the key, the account or a byte is not the one it was sealed with. */
export const unseal = (key: Uint8Array, account: string, sealed: Uint8Array): string => {
  if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION)
    throw new Error('A sealed value has a form that this version does not know.');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES));
  decipher.setAAD(Buffer.from(account));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new Error(
      'A sealed value cannot be opened: it was sealed with another ENCRYPTION_KEY or was changed.',
      {
        cause: error,
      },
    );
  }
};
