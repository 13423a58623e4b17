import type { ShippingProvider } from './types.ts';

export const SELLER_DELIVERY_OPTION = '7091146663229654785';
export const USPS = '7117858858072016686';
export const UPS = '7117859084333745966';
export const FEDEX = '7129720299146184490';
export const ONTRAC = '7132721393761781550';
export const AMAZON_LOGISTICS = '7248600717110282027';

/** The carriers of the delivery option that every order of the simulator uses. */
export const SHIPPING_PROVIDERS: readonly ShippingProvider[] = [
  { id: USPS, name: 'USPS' },
  { id: UPS, name: 'UPS' },
  { id: FEDEX, name: 'FedEx' },
  { id: ONTRAC, name: 'OnTrac' },
  { id: AMAZON_LOGISTICS, name: 'Amazon Logistics' },
];

const FORMS: ReadonlyArray<[providerId: string, form: RegExp]> = [
  [AMAZON_LOGISTICS, /^(AFTN\d+|TB[ACM]\d{9,15})$/],
  [UPS, /^1Z[0-9A-Z]{16}$/],
  [USPS, /^(9[1-5]\d{20}|420\d{5}(\d{4})?9[1-5]\d{20}|[A-Z]{2}\d{9}US|7\d{19})$/],
  [ONTRAC, /^([CD]\d{14}|1LS[A-Z0-9]{10,15}|LX\d{8,})$/],
  [FEDEX, /^(\d{12}|\d{15}|96\d{20}|61\d{18})$/],
];

const SHORTEST = 6;
const LONGEST = 50;

export const providerName = (id: string): string =>
  SHIPPING_PROVIDERS.find((provider) => provider.id === id)?.name ?? '';

export type TrackingCheck =
  | { kind: 'fine' }
  | { kind: 'special-characters' }
  | { kind: 'invalid' }
  | { kind: 'mismatch'; message: string };

/** How a number looks for the chosen provider: refused, doubtful (a documented warning), or fine. */
export const checkTracking = (number: string, providerId: string): TrackingCheck => {
  if (!/^[A-Za-z0-9]+$/.test(number))
    return number === '' ? { kind: 'invalid' } : { kind: 'special-characters' };
  if (number.length < SHORTEST || number.length > LONGEST) return { kind: 'invalid' };
  const owners = FORMS.filter(([, form]) => form.test(number)).map(([id]) => id);
  if (owners.includes(providerId)) return { kind: 'fine' };
  const hint = owners[0] === undefined ? '' : ` Did you mean to select ${providerName(owners[0])}?`;
  return {
    kind: 'mismatch',
    message: `The tracking number you entered does not match your selected logistics provider. Check the tracking number and logistics provider.${hint}`,
  };
};
