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

/** `fulfillment`: units of each Amazon SKU, null when nothing may go to Amazon. `reports`: SKUs under each number. */
export type Ending = {
  stage: string;
  reason: string;
  fulfillment: Readonly<Record<string, number>> | null;
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
  | 'platform';

export type Life = {
  name: LifeName;
  /** What the order shows, in the table's words. */
  shows: string;
  buyer: Buyer;
  lines: readonly { sku: string; units: number }[];
  ends: Ending;
};

const buyer = (
  name: readonly [first: string, last: string],
  street: readonly [line1: string, line2: string],
  place: readonly [city: string, state: string, postalCode: string],
  phone: string,
): Buyer => ({
  first: name[0],
  last: name[1],
  phone,
  email: `${name[0]}.${name[1]}@example.com`.toLowerCase(),
  street: street[0],
  flat: street[1],
  city: place[0],
  state: place[1],
  postalCode: place[2],
});

const shipped = (
  fulfillment: Readonly<Record<string, number>>,
  reports: readonly (readonly string[])[],
): Ending => ({ stage: 'shipped', reason: 'shipped', fulfillment, reports });

const neverSent = (stage: string, reason: string): Ending => ({
  stage,
  reason,
  fulfillment: null,
  reports: [],
});

/** The day's orders; order #1 is the first of them. */
export const LIVES: readonly Life[] = [
  {
    name: 'plain',
    shows: 'a plain order',
    buyer: buyer(
      ['Ottoline', 'Quillfeather'],
      ['12 Larkspur Terrace', ''],
      ['Springfield', 'Illinois', '62701'],
      '2175550101',
    ),
    lines: [{ sku: 'MUG', units: 1 }],
    ends: shipped({ MUG: 1 }, [['MUG']]),
  },
  {
    name: 'bundle',
    shows: 'a bundle through the SKU map',
    buyer: buyer(
      ['Barnabas', 'Thistlewood'],
      ['480 Gooseberry Hollow', ''],
      ['Portland', 'Oregon', '97201'],
      '5035550102',
    ),
    lines: [{ sku: 'TEA-SET', units: 1 }],
    ends: shipped({ CUP: 2, POT: 1 }, [['TEA-SET']]),
  },
  {
    name: 'parcels',
    shows: 'an order in two parcels',
    buyer: buyer(
      ['Clementine', 'Ravenscroft'],
      ['7 Marmalade Mews', 'Unit Zephyr'],
      ['Austin', 'Texas', '73301'],
      '5125550103',
    ),
    lines: [
      { sku: 'MUG', units: 1 },
      { sku: 'TEE', units: 2 },
    ],
    ends: shipped({ MUG: 1, TEE: 2 }, [['MUG', 'TEE'], ['TEE']]),
  },
  {
    name: 'address',
    shows: 'an address with no such state',
    buyer: buyer(
      ['Dorothea', 'Winterbourne'],
      ['33 Seashell Colonnade', ''],
      ['Poseidonis', 'Atlantis', '10001'],
      '2125550104',
    ),
    lines: [{ sku: 'MUG', units: 2 }],
    ends: neverSent('review', 'address_invalid'),
  },
  {
    name: 'lost',
    shows: 'every webhook lost, found by a pass',
    buyer: buyer(
      ['Evangeline', 'Huckleberry'],
      ['901 Tumbleweed Crescent', ''],
      ['Denver', 'Colorado', '80201'],
      '3035550105',
    ),
    lines: [{ sku: 'TEE', units: 1 }],
    ends: shipped({ TEE: 1 }, [['TEE']]),
  },
  {
    name: 'twice',
    shows: 'a webhook delivered twice',
    buyer: buyer(
      ['Ferdinand', 'Applegarth'],
      ['64 Periwinkle Parade', ''],
      ['Seattle', 'Washington', '98101'],
      '2065550106',
    ),
    lines: [{ sku: 'MUG', units: 1 }],
    ends: shipped({ MUG: 1 }, [['MUG']]),
  },
  {
    name: 'cancelled',
    shows: 'cancelled while on hold',
    buyer: buyer(
      ['Gwendolyn', 'Fotheringay'],
      ['5 Buttercup Causeway', 'Attic'],
      ['Boston', 'Massachusetts', '02101'],
      '6175550107',
    ),
    lines: [{ sku: 'TEE', units: 1 }],
    ends: neverSent('cancelled', 'cancelled'),
  },
  {
    name: 'unclear',
    shows: 'a create whose answer is lost',
    buyer: buyer(
      ['Humphrey', 'Nightingale'],
      ['218 Honeysuckle Rise', ''],
      ['Atlanta', 'Georgia', '30301'],
      '4045550108',
    ),
    lines: [{ sku: 'MUG', units: 1 }],
    ends: shipped({ MUG: 1 }, [['MUG']]),
  },
  {
    name: 'platform',
    shows: 'an order TikTok ships itself',
    buyer: buyer(
      ['Isadora', 'Pemberton'],
      ['77 Foxglove Embankment', ''],
      ['Phoenix', 'Arizona', '85001'],
      '6025550109',
    ),
    lines: [{ sku: 'TEE', units: 1 }],
    ends: neverSent('ignored', 'tiktok_shipping'),
  },
];

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
