import type { Destination } from '../../fulfillment/provider.ts';
import { isMilitaryCity, US_MILITARY_STATES } from './us-states.ts';

export type AddressClass = { isPoBox: boolean; isMilitary: boolean };

/** Post office boxes as the posts of the marketplaces call them (USPS Publication 28 §28 for the first two). */
const PO_BOX: readonly RegExp[] = [
  /\bp\.? ?o\.? ?(?:box|drawer)\b/i,
  /\bp\.? ?o\.? ?b\.? ?#? ?\d/i,
  /\bpost(?:al)? ?(?:office)? ?box\b/i,
  /\bpostfach\b/i,
  /\bpostbus\b/i,
  /\bbo[iî]te postale\b/i,
  /\bcasella postale\b/i,
  /\bapartado (?:postal|de correos)\b/i,
  /\bcaixa postal\b/i,
  /\blocked bag\b/i,
];

const BRITISH_FORCES = /^BF\d/i;

/** What carriers handle in their own way. Neither is refused: Amazon's preview tells whether it delivers there. */
export function classifyAddress(destination: Destination): AddressClass {
  const { addressLine1, addressLine2 = '', addressLine3 = '' } = destination;
  const street = [addressLine1, addressLine2, addressLine3].join(' ');
  return { isPoBox: PO_BOX.some((pattern) => pattern.test(street)), isMilitary: isMilitary(destination) };
}

function isMilitary({ countryCode, city = '', stateOrRegion = '', postalCode }: Destination): boolean {
  if (countryCode === 'GB') return BRITISH_FORCES.test(postalCode);
  return countryCode === 'US' && (US_MILITARY_STATES.has(stateOrRegion) || isMilitaryCity(city));
}
