import type { RecipientAddress, SalesChannel, Shop } from '../channels/channel.ts';
import type { Destination } from '../fulfillment/provider.ts';
import { AppError } from '../lib/errors.ts';
import { type AddressProblem, normaliseAddress } from './address/index.ts';
import { type AddressCorrection, correctRecipient } from './correction.ts';
import type { OrderKey } from './model.ts';

/** An address as the channel has it, and as it would be sent or why it is not. Personal data: for one answer only. */
export type SeenAddress = {
  recipient: RecipientAddress;
  destination: Destination | null;
  problem: AddressProblem | null;
};

/** Shows a buyer's address to a person who has a reason to see it. Nothing of it is kept. */
export type AddressDesk = {
  /** Read at the channel now. Throws `UpstreamError`, `order_unknown` or `address_missing`. */
  read(key: OrderKey): Promise<SeenAddress>;
  /** What was read, with the parts of a correction in place: what a retry with it would send. */
  preview(key: OrderKey, seen: SeenAddress, correction: AddressCorrection): SeenAddress;
};

export type AddressDeskDeps = {
  sidesFor: (key: OrderKey) => { channel: Pick<SalesChannel, 'fetchOrders'>; shop: Shop };
  /** ISO 3166 alpha-2 of the marketplace that ships the shop's orders. */
  marketplaceCountryOf: (key: OrderKey) => string;
};

export const createAddressDesk = ({ sidesFor, marketplaceCountryOf }: AddressDeskDeps): AddressDesk => {
  const recipientOf = async (key: OrderKey): Promise<RecipientAddress> => {
    const { channel, shop } = sidesFor(key);
    const order = (await channel.fetchOrders(shop, [key.orderId])).get(key.orderId);
    if (!order) throw new AppError('order_unknown', 404, 'TikTok Shop does not know this order.');
    if (!order.recipient)
      throw new AppError('address_missing', 409, 'TikTok Shop shows no address of this order now.');
    return order.recipient;
  };
  const check = (key: OrderKey, recipient: RecipientAddress): SeenAddress => {
    const checked = normaliseAddress(recipient, { marketplaceCountry: marketplaceCountryOf(key) });
    return checked.ok
      ? { recipient, destination: checked.value, problem: null }
      : { recipient, destination: null, problem: checked.problem };
  };
  return {
    read: async (key) => check(key, await recipientOf(key)),
    preview: (key, { recipient }, correction) => check(key, correctRecipient(recipient, correction)),
  };
};
