import type { Carrier } from '../channels/channel.ts';
import type { FulfillmentPackage } from '../fulfillment/provider.ts';
import { ok, type Result, refuse } from '../lib/result.ts';
import type { Problem } from './lines.ts';

/** The number that goes to the channel and the carrier it goes under. */
export type TrackingChoice = { trackingNumber: string; carrier: Carrier };

type CanonicalCarrier =
  | 'amazon'
  | 'ups'
  | 'usps'
  | 'fedex'
  | 'ontrac'
  | 'lasership'
  | 'dhl'
  | 'dhlecommerce'
  | 'royalmail'
  | 'dpd'
  | 'evri'
  | 'yodel';

/**
 * Amazon's `carrierCode` is free text whose spelling varies by API age and market (MCF fact sheet 2026-08, 8.2).
 * Keys are upper-case letters and digits only.
 */
const CODE_ALIASES: Readonly<Record<string, CanonicalCarrier>> = {
  UPS: 'ups',
  UPSMI: 'ups',
  UPSGROUND: 'ups',
  USPS: 'usps',
  FEDEX: 'fedex',
  FEDEXSMARTPOST: 'fedex',
  FEDEXGROUND: 'fedex',
  ONTRAC: 'ontrac',
  LASERSHIP: 'lasership',
  DHL: 'dhl',
  DHLGLOBALMAIL: 'dhlecommerce',
  DHLECOMMERCE: 'dhlecommerce',
  ROYALMAIL: 'royalmail',
  DPD: 'dpd',
  DPDUK: 'dpd',
  HERMES: 'evri',
  MYHERMES: 'evri',
  EVRI: 'evri',
  YODEL: 'yodel',
};

/** Numbers that tell their carrier (MCF fact sheet 2026-08, 8.3). Order matters: the surest form first. */
const NUMBER_FORMS: readonly [RegExp, CanonicalCarrier][] = [
  [/^AFTN\d+$/, 'amazon'],
  [/^TB[ACM]\d{9,15}$/, 'amazon'],
  [/^1Z[0-9A-Z]{16}$/, 'ups'],
  [/^[A-Z]{2}\d{9}US$/, 'usps'],
  [/^[A-Z]{2}\d{9}GB$/, 'royalmail'],
  [/^(420\d{5}(\d{4})?)?9[1-5]\d{20}$/, 'usps'],
  [/^[CD]\d{14}$/, 'ontrac'],
  [/^1LS[A-Z0-9]{10,15}$/, 'lasership'],
  [/^JJD\d{14,18}$/, 'dhl'],
  [/^GM\d{16,18}$/, 'dhlecommerce'],
  [/^96\d{20}$/, 'fedex'],
];

/** What a channel may call a carrier, best first; compared as lower-case letters and digits. */
const CHANNEL_NAMES: Readonly<Record<CanonicalCarrier, readonly string[]>> = {
  amazon: ['amazonlogistics', 'amazonlogisticsuk', 'amazonshipping', 'amazon'],
  ups: ['ups'],
  usps: ['usps'],
  fedex: ['fedex'],
  ontrac: ['ontrac', 'lasership'],
  lasership: ['lasership', 'ontrac'],
  dhl: ['dhl', 'dhluk', 'dhlexpress'],
  dhlecommerce: ['dhlecommerce'],
  royalmail: ['royalmail'],
  dpd: ['dpd', 'dpduk'],
  evri: ['evri', 'hermes'],
  yodel: ['yodel'],
};

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const canonicalOf = (carrierCode: string | null, trackingNumber: string): CanonicalCarrier | null => {
  const code = (carrierCode ?? '').toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (/^(AMZN|AMZL|AMAZON)/.test(code)) return 'amazon';
  const byCode = CODE_ALIASES[code];
  if (byCode) return byCode;
  return NUMBER_FORMS.find(([form]) => form.test(trackingNumber))?.[1] ?? null;
};

const matchCarrier = (canonical: CanonicalCarrier, carriers: readonly Carrier[]): Carrier | undefined => {
  const names = CHANNEL_NAMES[canonical];
  for (const name of names) {
    const exact = carriers.find((carrier) => plain(carrier.name) === name);
    if (exact) return exact;
  }
  return canonical === 'amazon' ? carriers.find((carrier) => /amazon/i.test(carrier.name)) : undefined;
};

/**
 * US sellers may not report USPS numbers that were not bought through TikTok (partner docs 2025-10-27 for
 * cross-border sellers, Seller Academy 2026-01 for all).
 */
export const isUsps = (carrierCode: string | null, trackingNumber: string): boolean =>
  canonicalOf(carrierCode, trackingNumber) === 'usps';

/** The carrier a number goes under, resolved by name among those of the order's own delivery option. */
export const resolveCarrier = (
  carrierCode: string | null,
  trackingNumber: string,
  carriers: readonly Carrier[],
): Result<Carrier, Problem<'carrier_unknown'>> => {
  const canonical = canonicalOf(carrierCode, trackingNumber);
  const byName = carriers.find(
    (carrier) => carrierCode !== null && plain(carrier.name) === plain(carrierCode),
  );
  const carrier = (canonical ? matchCarrier(canonical, carriers) : undefined) ?? byName;
  if (carrier) return ok(carrier);
  const offered = carriers.map((carrier) => carrier.name).join(', ') || 'none';
  return refuse({
    reason: 'carrier_unknown',
    detail: `Amazon names ${carrierCode ?? 'no carrier'}; TikTok offers: ${offered}.`,
  });
};

/**
 * Which of a parcel's numbers goes to the channel; null while there is none. Amazon's own number (AFTN) exists
 * before a carrier is chosen and goes with the Amazon carrier. Where both exist it is preferred for US single-unit
 * orders, which is what TikTok accepts it for (Amazon changelog 2025-08-27).
 */
export const chooseNumber = (
  parcel: Pick<FulfillmentPackage, 'carrierCode' | 'carrierTracking' | 'amazonTracking'>,
  preferAmazonNumber: boolean,
): { trackingNumber: string; carrierCode: string | null } | null => {
  const amazon = parcel.amazonTracking && { trackingNumber: parcel.amazonTracking, carrierCode: 'AMZN' };
  const carrier = parcel.carrierTracking && {
    trackingNumber: parcel.carrierTracking,
    carrierCode: parcel.carrierCode,
  };
  return (preferAmazonNumber ? amazon || carrier : carrier || amazon) || null;
};
