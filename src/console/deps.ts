import type { FastifyBaseLogger } from 'fastify';
import type { AmazonAccounts } from '../connections/amazon-accounts.ts';
import type { Registrations } from '../connections/registrations.ts';
import type { Shops } from '../connections/shops.ts';
import type { Doctor } from '../doctor/index.ts';
import type { Gate } from '../http/auth.ts';
import type { OwnCookie } from '../http/session-cookie.ts';
import type { SkuReport } from '../inventory/sku-match.ts';
import type { Clock } from '../lib/clock.ts';
import type { Side } from '../lib/side.ts';
import type { AddressDesk } from '../orders/address-desk.ts';
import type { DryRun } from '../orders/dry-run.ts';
import type { Operator } from '../orders/operate.ts';
import type { Pauses } from '../orders/pauses.ts';
import type { SkuMapService } from '../orders/sku-map-service.ts';
import type { Endpoints } from '../outgoing/endpoints.ts';
import type { People } from '../people/index.ts';
import type { Reconciler } from '../reconcile/reconcile.ts';
import type { Store } from '../store/store.ts';
import type { ConsoleFacts } from './facts.ts';
import type { SettingView } from './settings.ts';

/** What the console is made of: the same operations that the API offers. */
export type ConsoleDeps = {
  clock: Clock;
  /** For what fails behind an answer. */
  logger: Pick<FastifyBaseLogger, 'error'>;
  store: Pick<
    Store,
    | 'orders'
    | 'returns'
    | 'shops'
    | 'accounts'
    | 'inventory'
    | 'audit'
    | 'notifications'
    | 'outgoing'
    | 'views'
  >;
  operator: Operator;
  skuMap: SkuMapService;
  /** Listings against Amazon's SKUs, read now. */
  skuReport: () => Promise<SkuReport>;
  /** Something may have become due. */
  wake(): void;
  endpoints: Endpoints;
  reconciler: Reconciler;
  doctor: Doctor;
  sides(): readonly Side[];
  facts: ConsoleFacts;
  settings(): readonly SettingView[];
  version: string;
  pauses: Pauses;
  addresses: AddressDesk;
  dryRun: DryRun;
  amazonAccounts: AmazonAccounts;
  connections: {
    shops: Shops;
    registrations: Registrations;
    /** Scopes that an authorisation was not given. */
    missingScopesOf(authorization: string): Promise<string[]>;
  };
  /** Who signs in, and what they did. */
  people: People;
  gate: Gate;
  cookie: OwnCookie;
  /** An identity provider is set up. */
  hasOidc: boolean;
  /** Tells after an order was worked on whose shop's it is; answers how to stop listening. */
  onChange: (listener: (shopId: string) => void) => () => void;
};
