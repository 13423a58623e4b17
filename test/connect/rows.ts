import type { AmazonAccountRow, ShopRow } from '../../src/store/store.ts';

export const shopRow = (over: Partial<ShopRow> = {}): ShopRow => ({
  channel: 'tiktok-shop',
  shopId: '1',
  name: null,
  region: 'US',
  cipher: 'CIPHER',
  authorization: 'tiktok-shop/one',
  amazonAccount: 'amazon',
  settings: {},
  connectedAtMs: 1,
  pausedAtMs: null,
  stoppedAtMs: null,
  authorizationExpiresAtMs: null,
  ...over,
});

export const accountRow = (over: Partial<AmazonAccountRow> = {}): AmazonAccountRow => ({
  accountId: 'amazon',
  name: null,
  sellingPartnerId: null,
  region: 'na',
  marketplaceId: 'ATVPDKIKX0DER',
  sharing: { kind: 'all' },
  connectedAtMs: null,
  stoppedAtMs: null,
  ...over,
});
