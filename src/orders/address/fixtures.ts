import type { RecipientAddress } from '../../channels/channel.ts';
import type { Destination } from '../../fulfillment/provider.ts';
import { normaliseAddress } from './index.ts';

/** For tests: administrative areas by level, as TikTok Shop names the levels of a US address. */
export const areas = (names: Partial<Record<'L0' | 'L1' | 'L2' | 'L3' | 'L4', string>>) =>
  Object.entries(names).map(([level, name]) => ({ level, levelName: LEVEL_NAMES.get(level) ?? '', name }));

const LEVEL_NAMES: ReadonlyMap<string, string> = new Map([
  ['L0', 'Country'],
  ['L1', 'State'],
  ['L2', 'County'],
  ['L3', 'City'],
]);

/** For tests: a complete US recipient, as in the order example of TikTok Shop's documentation. */
export const recipientOf = (changes: Partial<RecipientAddress> = {}): RecipientAddress => ({
  name: 'Jane Example',
  phone: '(+1)2175550143',
  countryCode: 'US',
  postalCode: '62701',
  lines: ['100 Example Street', 'Apt 4B'],
  detail: '100 Example Street Apt 4B',
  postTown: '',
  districts: areas({ L0: 'United States', L1: 'Illinois', L2: 'Sangamon', L3: 'Springfield' }),
  ...changes,
});

/** For tests: what `recipientOf()` becomes. */
export const destinationOf = (changes: Partial<Destination> = {}): Destination => ({
  name: 'Jane Example',
  addressLine1: '100 Example Street',
  addressLine2: 'Apt 4B',
  city: 'Springfield',
  stateOrRegion: 'IL',
  postalCode: '62701',
  countryCode: 'US',
  phone: '+12175550143',
  ...changes,
});

/** For tests: `recipientOf(changes)`, normalised. */
export const normalise = (changes: Partial<RecipientAddress>, marketplaceCountry = 'US') =>
  normaliseAddress(recipientOf(changes), { marketplaceCountry });

/** For tests: its destination; a refusal fails the test. */
export const valueOf = (changes: Partial<RecipientAddress>, marketplaceCountry = 'US') => {
  const result = normalise(changes, marketplaceCountry);
  if (!result.ok) throw new Error(`refused: ${result.problem.reason} ${result.problem.field}`);
  return result.value;
};

/** For tests: reason and field of its refusal, or null. */
export const refusalOf = (changes: Partial<RecipientAddress>, marketplaceCountry = 'US') => {
  const result = normalise(changes, marketplaceCountry);
  return result.ok ? null : [result.problem.reason, result.problem.field];
};
