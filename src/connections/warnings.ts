import { daysToMs } from '../lib/clock.ts';
import type { AmazonAccountRow, ShopRow } from '../store/store.ts';
import type { RegistrationState } from './registrations.ts';

/** Something about a shop's connection that a person should see to. */
export type ShopWarning = { code: WarningCode; text: string };

export const WARNING_CODES = [
  'disconnected',
  'amazon_account_missing',
  'amazon_account_stopped',
  'authorization_expired',
  'authorization_expires',
  'scopes_missing',
  'webhooks_missing',
  'webhooks_elsewhere',
  'stock_share_missing',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

export type ShopFacts = {
  shop: ShopRow;
  /** The one that it draws on, if that is known. */
  account: AmazonAccountRow | null;
  registrations: RegistrationState | null;
  missingScopes: readonly string[];
};

const EARLY_MS = daysToMs(30);

const authorizationWarning = ({ shop }: ShopFacts, nowMs: number): ShopWarning[] => {
  const expiresAtMs = shop.authorizationExpiresAtMs;
  if (expiresAtMs === null || expiresAtMs - nowMs > EARLY_MS) return [];
  const text = 'The seller has to authorise this app again: open GET /connect/tiktok-shop.';
  return expiresAtMs <= nowMs
    ? [{ code: 'authorization_expired', text: `The authorisation has ended. ${text}` }]
    : [{ code: 'authorization_expires', text: `The authorisation ends soon. ${text}` }];
};

const accountWarning = ({ shop, account }: ShopFacts): ShopWarning[] => {
  if (account === null)
    return [
      {
        code: 'amazon_account_missing',
        text: 'No Amazon account ships its orders; choose one with PATCH /api/shops/{shopId}.',
      },
    ];
  if (account.stoppedAtMs !== null)
    return [
      {
        code: 'amazon_account_stopped',
        text: 'Its Amazon account is out of service; connect it again or choose another one.',
      },
    ];
  const { sharing } = account;
  const isNamed =
    sharing.kind === 'all' ||
    (sharing.kind === 'shares'
      ? Object.hasOwn(sharing.percentByShop, shop.shopId)
      : sharing.shops.some(({ shopId }) => shopId === shop.shopId));
  return isNamed
    ? []
    : [
        {
          code: 'stock_share_missing',
          text: 'The sharing rule of its Amazon account does not name it, so it is given no stock.',
        },
      ];
};

const webhookWarnings = ({ registrations }: ShopFacts): ShopWarning[] => {
  if (registrations === null) return [];
  const { missing, elsewhere, problem } = registrations;
  const warnings: ShopWarning[] = [];
  if (missing.length > 0)
    warnings.push({
      code: 'webhooks_missing',
      text: `Not registered: ${missing.join(', ')}. ${problem ?? ''} Orders are still found by the regular search, later.`,
    });
  if (elsewhere.length > 0)
    warnings.push({
      code: 'webhooks_elsewhere',
      text: `Another address is told of ${elsewhere.map(({ topic }) => topic).join(', ')}; it is left alone. To bring them here: POST /api/shops/{shopId}/webhooks with takeOver.`,
    });
  return warnings;
};

const scopeWarning = ({ missingScopes }: ShopFacts): ShopWarning[] =>
  missingScopes.length === 0
    ? []
    : [
        {
          code: 'scopes_missing',
          text: `Not granted: ${missingScopes.join(', ')}. Add them to the app in Partner Center and let the seller authorise again.`,
        },
      ];

/** All that is wrong with the connection of a shop, the worst first. Pure. */
export const warningsOf = (facts: ShopFacts, nowMs: number): ShopWarning[] =>
  facts.shop.stoppedAtMs === null
    ? [
        ...authorizationWarning(facts, nowMs),
        ...accountWarning(facts),
        ...scopeWarning(facts),
        ...webhookWarnings(facts),
      ]
    : [
        {
          code: 'disconnected',
          text: 'The seller withdrew the authorisation, or the shop was disconnected here. To go on: GET /connect/tiktok-shop.',
        },
      ];
