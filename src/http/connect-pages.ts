import type { GrantOutcome } from '../connections/grants.ts';
import type { ConnectKind } from '../connections/states.ts';
import { AppError, UpstreamError } from '../lib/errors.ts';
import { type AmazonAccountRow, StoreUnavailable } from '../store/store.ts';
import type { PlainPage } from './plain-page.ts';

type Answer = { status: number; page: PlainPage };

const SIDE: Readonly<Record<ConnectKind, string>> = { 'tiktok-shop': 'TikTok', amazon: 'Amazon' };
const BEGIN: Readonly<Record<ConnectKind, PlainPage['link']>> = {
  'tiktok-shop': { href: '/connect/tiktok-shop', text: 'Connect a TikTok shop' },
  // Region and marketplace have to be chosen first.
  amazon: { href: '/console', text: 'To the console' },
};

const page = (status: number, kind: ConnectKind, title: string, ...paragraphs: string[]): Answer => {
  const link = BEGIN[kind];
  return { status, page: { title, paragraphs, ...(link ? { link } : {}) } };
};

export const refused = (kind: ConnectKind): Answer =>
  page(
    200,
    kind,
    'Not connected',
    `${SIDE[kind]} says that the authorisation was not given. Nothing was kept.`,
  );

/**
 * The code of a link without state is not used: whoever makes somebody open such a link would have a stranger's shop
 * connected. Authorising once more is two clicks, for the app is installed already.
 */
export const withoutState = (kind: ConnectKind): Answer =>
  page(
    200,
    kind,
    'One more step',
    `The app was installed from ${SIDE[kind]}’s side, and nothing was connected yet.`,
    'To connect it to this service, sign in here as an admin and begin the connection below. It leads back to this page by itself.',
  );

export const unknownState = (kind: ConnectKind): Answer =>
  page(
    400,
    kind,
    'This link has no effect any more',
    'A connection can be finished once, within 15 minutes after it was begun. Nothing was connected; begin it again.',
  );

export const otherBrowser = (kind: ConnectKind): Answer =>
  page(
    400,
    kind,
    'Begun in another browser',
    'The connection has to be finished in the browser in which it was begun. Nothing was connected; begin it again here.',
  );

export const tooMany = (): Answer => ({
  status: 429,
  page: { title: 'Too many tries', paragraphs: ['Wait a minute.'] },
});

const problemOf = (error: unknown, kind: ConnectKind): string => {
  if (error instanceof AppError || error instanceof UpstreamError) return error.message;
  if (error instanceof StoreUnavailable) return 'The store of this service cannot be used now.';
  return `Something failed here; see the log of the service. ${SIDE[kind]} has nothing to do with it.`;
};

const statusOf = (error: unknown): number => {
  if (error instanceof AppError) return error.httpStatus;
  if (error instanceof UpstreamError) return 502;
  return error instanceof StoreUnavailable ? 503 : 500;
};

/** The code is spent, whatever came of it. */
export const failed = (kind: ConnectKind, error: unknown): Answer =>
  page(statusOf(error), kind, 'Not connected', problemOf(error, kind), 'Nothing was connected; begin again.');

const connected = (outcome: Extract<GrantOutcome, { kind: 'connected' }>): Answer => {
  const { shops, moved, missingScopes, sellerName } = outcome;
  if (shops.length === 0)
    return page(200, 'tiktok-shop', 'No shop', 'TikTok names no shop that this seller opened to the app.');
  const paragraphs = [
    `${sellerName ?? 'The seller'} is connected. Orders are found within minutes.`,
    ...(shops.some(({ amazonAccount }) => amazonAccount === null)
      ? [
          'Choose the Amazon account that ships for each shop; until then its orders wait (PATCH /api/shops/{shopId}).',
        ]
      : []),
    ...(moved.length > 0
      ? [
          `Another authorisation acted for ${moved.join(', ')} until now; this newer one does from here on. If that one came from the environment, take its TIKTOK_ tokens out there.`,
        ]
      : []),
    ...(missingScopes.length > 0
      ? [`Not granted, so stock is not kept up to date: ${missingScopes.join(', ')}.`]
      : []),
  ];
  const items = shops.map(({ name, shopId, region }) => [name, shopId, region].filter(Boolean).join(' · '));
  return { status: 200, page: { title: 'Connected', paragraphs, items } };
};

export const ofGrant = (outcome: GrantOutcome): Answer => {
  if (outcome.kind === 'connected') return connected(outcome);
  if (outcome.kind === 'not_a_seller')
    return page(
      400,
      'tiktok-shop',
      'Not a seller',
      'This TikTok account is that of a creator or a partner. Sign in to TikTok as the owner of the shop. Nothing was kept.',
    );
  if (outcome.kind === 'scopes_missing')
    return page(
      400,
      'tiktok-shop',
      'Scopes are missing',
      `Without these, orders cannot be served: ${outcome.scopes.join(', ')}. Add them to the app in Partner Center and authorise again. Nothing was kept.`,
    );
  return page(
    200,
    'tiktok-shop',
    'Nearly connected',
    `TikTok agreed, and its list of shops could not be read: ${outcome.message}.`,
    'It is read again with every reconcile; nothing has to be done here.',
  );
};

export const accountConnected = ({ accountId, name, marketplaceId }: AmazonAccountRow): Answer => ({
  status: 200,
  page: {
    title: 'Connected',
    paragraphs: [
      `The Amazon account ${name ?? accountId} is connected (${accountId}, marketplace ${marketplaceId}).`,
      'Choose it for the shops whose orders it ships: PATCH /api/shops/{shopId}.',
    ],
  },
});
