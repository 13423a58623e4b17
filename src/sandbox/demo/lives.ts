import type { Buyer, Ending, Life } from './cast.ts';

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
  units: Ending['units'],
  reports: Ending['reports'],
  mcf: Ending['mcf'] = ['Complete'],
): Ending => ({ stage: 'shipped', reason: 'shipped', mcf, units, reports });

/** Nothing of it is on TikTok as shipped. */
const unreported = (
  stage: string,
  reason: string,
  mcf: Ending['mcf'] = [],
  units: Ending['units'] = {},
): Ending => ({ stage, reason, mcf, units, reports: [] });

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
    ends: unreported('review', 'address_invalid'),
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
    ends: unreported('cancelled', 'cancelled'),
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
    ends: unreported('ignored', 'tiktok_shipping'),
  },
  {
    name: 'regretted',
    shows: 'a cancellation Amazon can still obey',
    buyer: buyer(
      ['Jessamine', 'Cloverfield'],
      ['19 Bluebell Embrace', ''],
      ['Denver', 'Colorado', '80202'],
      '3035550110',
    ),
    lines: [{ sku: 'MUG', units: 1 }],
    ends: unreported('cancelled', 'cancelled', ['Cancelled'], { MUG: 1 }),
  },
  {
    name: 'tooLate',
    shows: 'a cancellation that comes too late',
    buyer: buyer(
      ['Leopold', 'Merriweather'],
      ['250 Snapdragon Quay', ''],
      ['Chicago', 'Illinois', '60601'],
      '3125550111',
    ),
    lines: [{ sku: 'TEE', units: 1 }],
    ends: unreported('review', 'cancelled_but_shipped', ['Complete'], { TEE: 1 }),
  },
  {
    name: 'moved',
    shows: 'an address edited after the create',
    buyer: buyer(
      ['Marigold', 'Featherstonehaugh'],
      ['8 Dandelion Wharf', ''],
      ['Austin', 'Texas', '73301'],
      '5125550112',
    ),
    moved: buyer(
      ['Marigold', 'Featherstonehaugh'],
      ['46 Cowslip Boulevard', 'Loft Juniper'],
      ['Columbus', 'Ohio', '43004'],
      '5125550112',
    ),
    lines: [{ sku: 'MUG', units: 1 }],
    ends: shipped({ MUG: 1 }, [['MUG']], ['Cancelled', 'Complete']),
  },
  {
    name: 'stuck',
    shows: 'stuck at Amazon, retried by a person',
    buyer: buyer(
      ['Nathaniel', 'Underhillock'],
      ['1201 Primrose Esplanade', ''],
      ['Seattle', 'Washington', '98101'],
      '2065550113',
    ),
    lines: [{ sku: 'TEE', units: 1 }],
    ends: shipped({ TEE: 1 }, [['TEE']], ['Cancelled', 'Complete']),
  },
  {
    name: 'renumbered',
    shows: 'a number replaced after its report',
    buyer: buyer(
      ['Philippa', 'Brackenbury'],
      ['73 Tansy Promenade', ''],
      ['Boston', 'Massachusetts', '02102'],
      '6175550114',
    ),
    lines: [{ sku: 'MUG', units: 1 }],
    ends: shipped({ MUG: 1 }, [['MUG']]),
  },
];
