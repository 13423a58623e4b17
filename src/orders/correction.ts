import type { ChannelOrder, RecipientAddress } from '../channels/channel.ts';
import type { ShippingSpeed } from '../fulfillment/provider.ts';
import type { Observation } from './decision.ts';

/**
 * Parts of an address that a person puts right for one attempt. Personal data: lives in memory only, for the length
 * of that attempt; the timeline names the parts, never their contents.
 */
export type AddressCorrection = {
  name?: string | undefined;
  lines?: string[] | undefined;
  city?: string | undefined;
  state?: string | undefined;
  postalCode?: string | undefined;
  phone?: string | undefined;
};

/** TikTok's levels of the areas that a person may correct (partner docs 2025-12, 4.5). */
const STATE_LEVEL = 'L1';
const CITY_LEVEL = 'L3';

const withArea = (
  districts: RecipientAddress['districts'],
  level: string,
  levelName: string,
  name: string | undefined,
): RecipientAddress['districts'] =>
  name === undefined
    ? districts
    : [...districts.filter((district) => district.level !== level), { level, levelName, name }];

/** The address with the corrected parts in the place of its own. */
export const correctRecipient = (
  recipient: RecipientAddress,
  correction: AddressCorrection,
): RecipientAddress => {
  const { name, lines, city, state, postalCode, phone } = correction;
  const districts = withArea(
    withArea(recipient.districts, STATE_LEVEL, 'State', state),
    CITY_LEVEL,
    'City',
    city,
  );
  return {
    ...recipient,
    districts,
    name: name ?? recipient.name,
    postalCode: postalCode ?? recipient.postalCode,
    phone: phone ?? recipient.phone,
    ...(city === undefined ? {} : { postTown: recipient.postTown === '' ? '' : city }),
    // The joined text repeats the lines, so it goes with them.
    ...(lines === undefined ? {} : { lines, detail: '' }),
  };
};

/** What a person decides for one attempt. */
export type Correction = AddressCorrection & {
  /** In the place of what the rules choose. */
  speed?: ShippingSpeed | undefined;
};

/** The observation as if the channel had the corrected address; what it really has is kept beside it. */
export const applyCorrection = (seen: Observation, correction: Correction | undefined): Observation => {
  if (!correction) return seen;
  const { speed, ...address } = correction;
  const chosen = speed === undefined ? seen : { ...seen, chosenSpeed: speed };
  const recipient = seen.order?.recipient;
  const hasAddress = Object.values(address).some((part) => part !== undefined);
  if (!seen.order || !recipient || !hasAddress) return chosen;
  const order: ChannelOrder = { ...seen.order, recipient: correctRecipient(recipient, address) };
  return { ...chosen, order, correctedFrom: recipient };
};

/** Marks a hash that was made of the channel's own words, because what was sent had been corrected by hand. */
const RAW = 'raw:';

/** What is kept of the address, to notice an edit later. */
export const addressHashOf = (
  fingerprint: string,
  correctedFrom: RecipientAddress | undefined,
  hash: (text: string) => string,
): string => (correctedFrom ? rawHash(correctedFrom, hash) : hash(fingerprint));

const rawHash = (recipient: RecipientAddress, hash: (text: string) => string): string =>
  `${RAW}${hash(JSON.stringify([recipient.name, recipient.lines, recipient.detail, recipient.postalCode, recipient.districts]))}`;

/** Whether the channel's address is another one than at the create. `fingerprint` null: it cannot be used as it is. */
export const isOtherAddress = (
  kept: string,
  recipient: RecipientAddress | null,
  fingerprint: string | null,
  hash: (text: string) => string,
): boolean => {
  if (kept.startsWith(RAW)) return recipient !== null && rawHash(recipient, hash) !== kept;
  return fingerprint === null || hash(fingerprint) !== kept;
};
