/** The three SP-API regions (SP-API docs "SP-API Endpoints"). */
export type AmazonRegion = 'na' | 'eu' | 'fe';

/** One host serves the logins of all regions. */
export const LWA_URL = 'https://api.amazon.com';

/** Production hosts, and the region that goes into a SigV4 scope whatever host is really called. */
export const REGIONS: Readonly<Record<AmazonRegion, { spApiUrl: string; awsRegion: string }>> = {
  na: { spApiUrl: 'https://sellingpartnerapi-na.amazon.com', awsRegion: 'us-east-1' },
  eu: { spApiUrl: 'https://sellingpartnerapi-eu.amazon.com', awsRegion: 'eu-west-1' },
  fe: { spApiUrl: 'https://sellingpartnerapi-fe.amazon.com', awsRegion: 'us-west-2' },
};

/** Amazon's developer guide; BE, IE and ZA come from newer lists and are unconfirmed. */
const COUNTRY_OF_MARKETPLACE: ReadonlyMap<string, string> = new Map([
  ['ATVPDKIKX0DER', 'US'],
  ['A2EUQ1WTGCTBG2', 'CA'],
  ['A1AM78C64UM0Y8', 'MX'],
  ['A2Q3Y263D00KWC', 'BR'],
  ['A1RKKUPIHCS9HS', 'ES'],
  ['A2NODRKZP88ZB9', 'SE'],
  ['A33AVAJ2PDY3EV', 'TR'],
  ['A28R8C7NBKEWEA', 'IE'],
  ['A1F83G8C2ARO7P', 'GB'],
  ['A1PA6795UKMFR9', 'DE'],
  ['A13V1IB3VIYZZH', 'FR'],
  ['APJ6JRA9NG5V4', 'IT'],
  ['A1805IZSGTT6HS', 'NL'],
  ['A1C3SOZRARQ6R3', 'PL'],
  ['A21TJRUUN4KGV', 'IN'],
  ['AE08WJ6YKNBMC', 'ZA'],
  ['A1VC38T7YXB528', 'JP'],
  ['A39IBJ37TRP1C6', 'AU'],
  ['A19VAU5U5O7RUS', 'SG'],
  ['A2VIGQ35RCS4UG', 'AE'],
  ['A17E79C6D8DWNP', 'SA'],
  ['ARBP9OOSHTCHU', 'EG'],
  ['AMEN7PMS3EDWL', 'BE'],
]);

const REGION_OF_COUNTRY: Readonly<Record<string, AmazonRegion>> = {
  US: 'na',
  CA: 'na',
  MX: 'na',
  BR: 'na',
  JP: 'fe',
  AU: 'fe',
  SG: 'fe',
};

/** The region that a known marketplace lies in; undefined for an id not in the list. */
export const regionOfMarketplace = (marketplaceId: string): AmazonRegion | undefined => {
  const country = countryOfMarketplace(marketplaceId);
  return country === undefined ? undefined : (REGION_OF_COUNTRY[country] ?? 'eu');
};

/** Where sellers of a country give their consent (SP-API docs "Seller Central URLs"); of the rest, the region's. */
const SELLER_CENTRAL: Readonly<Record<string, string>> = {
  US: 'https://sellercentral.amazon.com',
  CA: 'https://sellercentral.amazon.ca',
  MX: 'https://sellercentral.amazon.com.mx',
  BR: 'https://sellercentral.amazon.com.br',
  IE: 'https://sellercentral.amazon.ie',
  NL: 'https://sellercentral.amazon.nl',
  SE: 'https://sellercentral.amazon.se',
  PL: 'https://sellercentral.amazon.pl',
  BE: 'https://sellercentral.amazon.com.be',
  ZA: 'https://sellercentral.amazon.co.za',
  TR: 'https://sellercentral.amazon.com.tr',
  EG: 'https://sellercentral.amazon.eg',
  SA: 'https://sellercentral.amazon.sa',
  AE: 'https://sellercentral.amazon.ae',
  IN: 'https://sellercentral.amazon.in',
  JP: 'https://sellercentral.amazon.co.jp',
  AU: 'https://sellercentral.amazon.com.au',
  SG: 'https://sellercentral.amazon.sg',
};

/** Base of the Seller Central of a marketplace. */
export const sellerCentralOf = (marketplaceId: string): string =>
  SELLER_CENTRAL[countryOfMarketplace(marketplaceId) ?? ''] ?? 'https://sellercentral-europe.amazon.com';

/** ISO 3166 alpha-2 code of a marketplace; undefined for an id not in the list. */
export const countryOfMarketplace = (marketplaceId: string): string | undefined =>
  COUNTRY_OF_MARKETPLACE.get(marketplaceId);
