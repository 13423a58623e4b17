import type { Order, SandboxAddress } from './types.ts';

const THIRTY_DAYS = 30 * 86_400;

/** The recipient of an order whose test did not say one. */
export const defaultAddress = (): SandboxAddress => ({
  name: 'Jane Example',
  firstName: 'Jane',
  lastName: 'Example',
  phone: '(+1)2175550143',
  addressLine1: '100 Example Street',
  addressLine2: 'Apt 4B',
  city: 'Springfield',
  county: 'Sangamon',
  state: 'Illinois',
  country: 'United States',
  regionCode: 'US',
  postalCode: '62701',
});

/** Lays a test's wishes over the default; a new name brings its own first and last name. */
export const completeAddress = (
  wishes: Partial<SandboxAddress>,
  base: SandboxAddress = defaultAddress(),
): SandboxAddress => {
  if (wishes.name === undefined) return { ...base, ...wishes };
  const cut = wishes.name.lastIndexOf(' ');
  const firstName = cut < 0 ? wishes.name : wishes.name.slice(0, cut);
  const lastName = cut < 0 ? '' : wishes.name.slice(cut + 1);
  return { ...base, firstName, lastName, ...wishes };
};

/** Whether TikTok hides the recipient of this order now. */
export const isMasked = (order: Order, nowSeconds: number): boolean => {
  if (order.fulfillmentType !== 'FULFILLMENT_BY_SELLER') return true;
  if (order.status === 'COMPLETED') return nowSeconds - (order.completedTime ?? nowSeconds) > THIRTY_DAYS;
  return order.status === 'UNPAID' || order.status === 'ON_HOLD' || order.status === 'CANCELLED';
};

const districts = (address: SandboxAddress, hide: (text: string) => string) => [
  { address_level_name: 'Country', address_name: address.country, address_level: 'L0' },
  { address_level_name: 'State', address_name: address.state, address_level: 'L1' },
  { address_level_name: 'County', address_name: address.county, address_level: 'L2' },
  { address_level_name: 'City', address_name: hide(address.city), address_level: 'L3' },
];

const render = (address: SandboxAddress, hide: (text: string) => string) => {
  const street = [address.addressLine1, address.addressLine2].filter(Boolean).join(' ');
  const place = [address.city, address.county, address.state].filter(Boolean).join(', ');
  return {
    full_address: hide(`${street}, ${place}, ${address.country} ${address.postalCode}`),
    phone_number: hide(address.phone),
    name: hide(address.name),
    first_name: hide(address.firstName),
    last_name: hide(address.lastName),
    region_code: address.regionCode,
    postal_code: hide(address.postalCode),
    address_line1: hide(address.addressLine1),
    address_line2: hide(address.addressLine2),
    address_line3: '',
    address_line4: '',
    address_detail: hide(street),
    ...(address.postTown === undefined ? {} : { post_town: hide(address.postTown) }),
    district_info: districts(address, hide),
    delivery_preferences: { drop_off_location: hide(address.dropOffLocation ?? '') },
  };
};

const stars = (text: string): string =>
  text
    .split(' ')
    .map((word) => (word === '' ? '' : `${word.slice(0, 1)}***`))
    .join(' ');

/** `recipient_address` as the API shows it. */
export const renderAddress = (
  address: SandboxAddress,
  mask: 'stars' | 'empty' | null,
): Record<string, unknown> => {
  if (mask !== null) return render(address, mask === 'stars' ? stars : () => '');
  return { ...render(address, (text) => text), ...address.raw };
};

const placeOf = (address: SandboxAddress): string => {
  const { name, addressLine1, addressLine2, city, state, postalCode, regionCode } = address;
  return JSON.stringify([name, addressLine1, addressLine2, city, state, postalCode, regionCode]);
};

/** Same name and same place: only then may two orders share a parcel. */
export const sameRecipient = (a: SandboxAddress, b: SandboxAddress): boolean => placeOf(a) === placeOf(b);
