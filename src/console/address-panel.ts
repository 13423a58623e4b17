import type { SeenAddress } from '../orders/address-desk.ts';
import type { OrderRecord } from '../orders/model.ts';
import { type Html, html, nothing } from './html.ts';
import { orderHref } from './orders.ts';
import { card, notice } from './parts.ts';

/** An address that was read is taken away from the page after this, whoever still sits before it. */
export const ADDRESS_SHOWN_SECONDS = 300;

export const addressHref = (orderId: string): string => `${orderHref(orderId)}/address`;

/** Where the address appears when it is asked for. The page itself holds none. */
export const addressPanel = ({ key }: OrderRecord): Html =>
  card(
    'Buyer’s address',
    html`<p class="soft">It is kept nowhere here: it is read from TikTok Shop when you ask, and the audit log notes that you looked.</p>
      <a class="button second" href="${addressHref(key.orderId)}" hx-get="${addressHref(key.orderId)}" hx-target="#address-read" hx-swap="innerHTML" data-command="Show the buyer’s address">Show the address</a>
      <div id="address-read" aria-live="polite"></div>`,
    { id: 'buyer-address' },
  );

const fact = (name: string, value: string): Html =>
  value === '' ? nothing : html`<dt>${name}</dt><dd>${value}</dd>`;

/** What was read, with the way to take it away again. Personal data: for one answer, kept by nothing. */
export const addressRead = ({ key }: OrderRecord, { recipient, problem }: SeenAddress): Html => {
  const { name, phone, lines, detail, postTown, districts, postalCode, countryCode } = recipient;
  const street = lines.length > 0 ? lines : [detail];
  return html`<div data-forget-after="${ADDRESS_SHOWN_SECONDS}">
    ${problem ? notice(problem.detail, 'warn') : nothing}
    <dl class="facts">${fact('Name', name)}${street.map((line, index) => fact(`Line ${index + 1}`, line))}
      ${fact('Town', postTown)}${districts.filter(({ level }) => level !== 'L0').map(({ levelName, name: area }) => fact(levelName, area))}
      ${fact('Postal code', postalCode)}${fact('Country', countryCode)}${fact('Phone', phone)}</dl>
    <p class="hint">Read just now. It goes from this page by itself after ${ADDRESS_SHOWN_SECONDS / 60} minutes.</p>
    <a class="button second" href="${orderHref(key.orderId)}" data-forget>Hide the address</a></div>`;
};
