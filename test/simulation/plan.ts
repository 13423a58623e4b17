import type { OrderPlan } from '../../src/sandbox/amazon/index.ts';
import type { SandboxAddress } from '../../src/sandbox/tiktok-shop/index.ts';
import type { SideName } from './network.ts';

/** Where a service can be cut off. Each is a numbered place of a run. */
export const CRASH_POINTS = ['exchange-before', 'exchange-after', 'commit-before', 'commit-after'] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** How a recipient's address is wrong; `good` is not. */
export type AddressKind = 'good' | 'masked' | 'empty' | 'incomplete' | 'bad-state' | 'foreign' | 'too-long';

/** What is particular about an order, in the words of a plan. */
export type OrderWish = {
  lines: { sku: string; units: number }[];
  paid: boolean;
  hold: boolean;
  ready: boolean;
  address: AddressKind;
  kind?: 'platform' | 'tiktok-shipping' | 'sample';
  amazon?: OrderPlan;
};

/** One thing that happens. It does nothing where it does not fit the state it meets. */
export type Happening =
  | ({ do: 'order'; name: string } & OrderWish)
  | { do: 'pay' | 'buyerCancel' | 'buyerWithdraw' | 'sellerShip'; name: string }
  | { do: 'sellerCancel'; name: string; lines: 'all' | 'first' }
  | { do: 'changeAddress'; name: string; address: AddressKind; street: number }
  | { do: 'advance'; name: string; to: 'IN_TRANSIT' | 'DELIVERED' | 'COMPLETED' }
  | { do: 'amazonCancel' | 'replaceNumber'; name: string }
  | { do: 'stock'; sku: string; fulfillable: number }
  | { do: 'sellerStock'; sku: string; available: number }
  | { do: 'skuMap'; entries: { channelSku: string; components: { amazonSku: string; quantity: number }[] }[] }
  | { do: 'retry' | 'resolve'; name: string }
  | { do: 'operatorCancel'; name: string; keepOrder: boolean }
  | { do: 'pass'; only: 'all' | 'orders' | 'tracking' | 'inventory' }
  | { do: 'tokens'; what: 'amazon-expire' | 'amazon-revoke' | 'amazon-restore' | 'tiktok-expire' }
  | { do: 'tokens'; what: 'tiktok-revoke' | 'tiktok-reauthorise' }
  | { do: 'fault'; side: SideName; operation: string; fault: ArmedFault; times: number }
  | { do: 'storm'; side: SideName; status: 429 | 500 | 503; forMs: number }
  | { do: 'outage'; side: SideName; how: 'refused' | 'reset' | 'hang'; forMs: number }
  | { do: 'slow'; side: SideName; latencyMs: number; forMs: number }
  | { do: 'webhooks'; how: 'lost' | 'late' | 'twice' | 'reordered'; forMs: number }
  | { do: 'skew'; skewMs: number }
  | { do: 'restart' }
  | { do: 'crash'; point: CrashPoint; after: number };

export type ArmedFault = 'timeout-before' | 'timeout-after' | 'reset-before' | 'reset-after' | 'malformed';

export type PlanEvent = { atMs: number } & Happening;

/** What a world is like as a whole. */
export type WorldSettings = {
  /** Settings of the service, as its environment has them. */
  env: Record<string, string>;
  /** Between two passes of the service. */
  passEveryMs: number;
  latencyMs: number;
  aftn: boolean;
  /** How fast Amazon is: all of its delays are multiplied with it. */
  amazonPace: number;
  createQuota: { ratePerSecond: number; burst: number } | null;
  stock: Record<string, number>;
};

/** A world and what happens in it. Nothing else decides a run, so a plan replays exactly. */
export type Plan = {
  seed: number;
  /** When events end and faults stop. */
  lastsMs: number;
  settings: WorldSettings;
  events: PlanEvent[];
};

const MARK = 'Quillfeather';

/** What must never be found in the database or the log. */
export const PERSONAL = [MARK, '1742 Xylograph', 'Xylograph', '5550147', 'quill@buyer.example'] as const;

const STREETS = ['Xylograph Lane', 'Xylograph Court', 'Xylograph Road'] as const;

/** A recipient of that kind. Different `street`s are different places. */
export const addressOf = (kind: AddressKind, street = 0): Partial<SandboxAddress> => {
  const good: Partial<SandboxAddress> = {
    name: `Ada ${MARK}`,
    phone: '(+1)2175550147',
    addressLine1: `1742 ${STREETS[street % STREETS.length]}`,
    addressLine2: street === 0 ? '' : 'quill@buyer.example',
    state: 'Illinois',
    country: 'United States',
    regionCode: 'US',
    postalCode: '62701',
    raw: {},
  };
  switch (kind) {
    case 'good':
      return good;
    case 'masked':
      return { ...good, raw: { name: 'A** Q***', first_name: 'A**', last_name: 'Q***' } };
    case 'empty':
      return { ...good, raw: { name: '', address_line1: '', address_detail: '', full_address: '' } };
    case 'incomplete':
      return { ...good, postalCode: '', raw: { postal_code: '' } };
    case 'bad-state':
      return { ...good, state: 'Atlantis' };
    case 'foreign':
      return { ...good, country: 'Germany', regionCode: 'DE', state: 'Bayern', postalCode: '80331' };
    case 'too-long':
      return { ...good, name: `Ada ${MARK.repeat(8)}` };
  }
};
