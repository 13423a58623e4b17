import type { OrderState } from '../amazon/index.ts';

/** Everybody and everything in the demo is invented; the secrets open nothing but its own simulators. */
export const ADMIN_TOKEN = 'demo-admin-token-opens-nothing';
export const TIKTOK_APP = { appKey: 'demoappkey', appSecret: 'demo-tiktok-app-secret' };
export const AMAZON_APP = {
  clientId: 'demo-lwa-client',
  clientSecret: 'demo-lwa-client-secret',
  refreshToken: 'Atzr|demo-refresh-token',
};

/** What must never be found at rest or in a log; the simulators' own tokens by how they begin. */
export const SECRETS: readonly string[] = [
  ADMIN_TOKEN,
  TIKTOK_APP.appSecret,
  AMAZON_APP.clientSecret,
  AMAZON_APP.refreshToken,
  'TTP_exampleAccessToken',
  'TTP_exampleRefreshToken',
  'Atza|sandbox',
];

export type Buyer = {
  first: string;
  last: string;
  /** Ten digits of the range that is set aside for stories. */
  phone: string;
  email: string;
  street: string;
  flat: string;
  city: string;
  state: string;
  postalCode: string;
};

export type Ending = {
  stage: string;
  reason: string;
  /** How each MCF order of it ends at Amazon, in the order they were made; none when nothing may go there. */
  mcf: readonly OrderState[];
  /** Units of each Amazon SKU, in each of the MCF orders. */
  units: Readonly<Record<string, number>>;
  /** SKUs under each number on TikTok. */
  reports: readonly (readonly string[])[];
};

export type LifeName =
  | 'plain'
  | 'bundle'
  | 'parcels'
  | 'address'
  | 'lost'
  | 'twice'
  | 'cancelled'
  | 'unclear'
  | 'platform'
  | 'regretted'
  | 'tooLate'
  | 'moved'
  | 'stuck'
  | 'renumbered';

export type Life = {
  name: LifeName;
  /** What the order shows, in the table's words. */
  shows: string;
  buyer: Buyer;
  /** The same buyer at the address that the order is changed to. */
  moved?: Buyer;
  lines: readonly { sku: string; units: number }[];
  ends: Ending;
};

/** Parts of a buyer that must never be found at rest or in a log. */
export const personalTexts = ({ first, last, phone, email, street, flat }: Buyer): string[] =>
  [first, last, phone, email, street.replace(/^\d+ /, ''), flat].filter((text) => text !== '');

export type Component = { amazonSku: string; quantity: number };

/** What the shop lists on TikTok. The figures at the start are wrong on purpose. */
export const LISTINGS: readonly { sku: string; shown: number; components: readonly Component[] }[] = [
  { sku: 'MUG', shown: 60, components: [{ amazonSku: 'MUG', quantity: 1 }] },
  { sku: 'TEE', shown: 8, components: [{ amazonSku: 'TEE', quantity: 1 }] },
  {
    sku: 'TEA-SET',
    shown: 50,
    components: [
      { amazonSku: 'CUP', quantity: 2 },
      { amazonSku: 'POT', quantity: 1 },
    ],
  },
];

/** What Amazon can ship in the morning. */
export const AMAZON_STOCK: Readonly<Record<string, number>> = { MUG: 40, TEE: 25, CUP: 30, POT: 12 };

/** What one unit of a TikTok SKU consists of at Amazon. */
export const componentsOf = (sku: string): readonly Component[] =>
  LISTINGS.find((listing) => listing.sku === sku)?.components ?? [];
