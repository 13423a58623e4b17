import { createHash } from 'node:crypto';
import type { Destination } from '../fulfillment/provider.ts';
import { LIMITS } from '../orders/address/limits.ts';
import type { SeenAddress } from '../orders/address-desk.ts';
import type { AddressCorrection } from '../orders/correction.ts';
import type { OrderRecord } from '../orders/model.ts';
import { type Html, html, nothing } from './html.ts';
import type { PageContext } from './layout.ts';
import { csrfField, notice } from './parts.ts';
import { faultsGoThere } from './review-words.ts';

/** The parts that a person may put right, with where they stand in the channel's address. */
const PARTS = [
  { name: 'name', title: 'Name', field: 'name', limit: LIMITS.name },
  { name: 'line1', title: 'Address line 1', field: 'street', limit: LIMITS.line },
  { name: 'line2', title: 'Address line 2', field: 'street', limit: LIMITS.line },
  { name: 'line3', title: 'Address line 3', field: 'street', limit: LIMITS.line },
  { name: 'city', title: 'City', field: 'city', limit: LIMITS.city },
  { name: 'state', title: 'State or region', field: 'state', limit: LIMITS.state },
  { name: 'postalCode', title: 'Postal code', field: 'postalCode', limit: LIMITS.postalCode },
] as const;
type Part = (typeof PARTS)[number];
type PartName = Part['name'];

/** What is in the form's fields; a part that was not offered is absent. */
export type AddressForm = { [Name in PartName]?: string | undefined };

/** A correction that was looked at: what it would send. */
export type FilledAddress = { form: AddressForm; preview: SeenAddress; said: Html | null };

const areaOf = ({ recipient }: SeenAddress, level: string): string =>
  recipient.districts.find((district) => district.level.trim().toUpperCase() === level)?.name ?? '';

const partsOf = (seen: SeenAddress): Record<PartName, string> => {
  const { name, lines, detail, postalCode, postTown } = seen.recipient;
  const [line1 = '', line2 = '', ...more] = lines.length > 0 ? lines : [detail];
  return {
    name,
    line1,
    line2,
    line3: more.join(' '),
    city: postTown === '' ? areaOf(seen, 'L3') : postTown,
    state: areaOf(seen, 'L1'),
    postalCode,
  };
};

/** The parts that are other than what TikTok Shop has, as the operator's retry takes them; empty: none is. */
export const correctionOf = (form: AddressForm, seen: SeenAddress): AddressCorrection => {
  const now = partsOf(seen);
  const changed = (name: PartName): boolean => form[name] !== undefined && form[name] !== now[name];
  const single = (['name', 'city', 'state', 'postalCode'] as const).filter(
    (name) => changed(name) && form[name] !== '',
  );
  const street = ['line1', 'line2', 'line3'] as const;
  const lines = street.map((name) => form[name] ?? now[name]).filter((line) => line !== '');
  return {
    ...Object.fromEntries(single.map((name) => [name, form[name]])),
    ...(street.some(changed) && lines.length > 0 ? { lines } : {}),
  };
};

/** Two previews with the same seal send the same. */
export const addressSeal = ({ destination }: SeenAddress): string =>
  createHash('sha256').update(JSON.stringify(destination)).digest('base64url');

/** Which parts a person has to look at; where none is named, all of them. */
const wrongParts = (seen: SeenAddress, filled: FilledAddress | null): readonly Part[] => {
  const now = partsOf(seen);
  const fields = [seen.problem?.field, filled?.preview.problem?.field];
  const isMasked = seen.problem?.reason === 'address_masked';
  const wrong = PARTS.filter(
    ({ name, field }) =>
      fields.includes(field) || (isMasked && now[name].includes('*')) || filled?.form[name] !== undefined,
  );
  return wrong.length > 0 ? wrong : PARTS;
};

const SENT: readonly {
  part: keyof Destination;
  title: string;
  limit: number | null;
  from: PartName | null;
}[] = [
  { part: 'name', title: 'Name', limit: LIMITS.name, from: 'name' },
  { part: 'addressLine1', title: 'Line 1', limit: LIMITS.line, from: 'line1' },
  { part: 'addressLine2', title: 'Line 2', limit: LIMITS.line, from: 'line2' },
  { part: 'addressLine3', title: 'Line 3', limit: LIMITS.line, from: 'line3' },
  { part: 'city', title: 'City', limit: LIMITS.city, from: 'city' },
  { part: 'districtOrCounty', title: 'District', limit: LIMITS.district, from: null },
  { part: 'stateOrRegion', title: 'State', limit: LIMITS.state, from: 'state' },
  { part: 'postalCode', title: 'Postal code', limit: LIMITS.postalCode, from: 'postalCode' },
  { part: 'countryCode', title: 'Country', limit: null, from: null },
  { part: 'phone', title: 'Phone', limit: null, from: null },
];

/** Each line as Amazon would get it, with its length; what differs from TikTok's is marked. */
const sentView = (destination: Destination, now: Record<PartName, string>): Html =>
  html`<dl class="facts">${SENT.map(({ part, title, limit, from }) => {
    const value = destination[part];
    if (value === undefined) return nothing;
    const isNew = from !== null && value !== now[from];
    return html`<dt>${title}</dt><dd>${isNew ? html`<ins>${value}</ins>` : value} ${limit === null ? nothing : html`<span class="soft">${value.length} of ${limit}</span>`}</dd>`;
  })}</dl>`;

const field = (
  { name, title, limit }: Part,
  value: string,
  isWrong: boolean,
): Html => html`<div class="field">
  <label for="fix-${name}">${title}</label>
  <input id="fix-${name}" name="${name}" value="${value}" autocomplete="off" ${isWrong ? html`aria-invalid="true" aria-describedby="fix-problem"` : html`aria-describedby="limit-${name}"`}>
  <span class="hint" id="limit-${name}">Amazon takes ${limit} characters.</span></div>`;

/** Long enough to ask the buyer; then the form goes from a page that was left open. */
const FORGET_AFTER_SECONDS = 900;

/**
 * The form that puts an address right: the wrong parts, prefilled with what TikTok Shop has now. `filled` is what was
 * filled in with what it would send, null before that.
 */
export const addressFix = (
  context: PageContext,
  record: OrderRecord,
  seen: SeenAddress,
  filled: FilledAddress | null,
): Html => {
  const base = `/console/review/${encodeURIComponent(record.key.orderId)}/address`;
  const now = partsOf(seen);
  const { problem, destination } = filled?.preview ?? seen;
  const isReady = filled !== null && destination !== null;
  const inputs = wrongParts(seen, filled).map((part) =>
    field(part, filled?.form[part.name] ?? now[part.name], part.field === problem?.field),
  );
  return html`<section class="fix" aria-label="Fix the address of ${record.key.orderId}" data-forget-after="${FORGET_AFTER_SECONDS}">
    ${filled?.said ?? nothing}${problem ? html`<p class="fault" id="fix-problem" role="alert">${problem.detail}</p>` : nothing}
    <form method="post" action="${base}" hx-post="${base}" hx-target="closest .fix" hx-swap="outerHTML" ${faultsGoThere(record.key.orderId)} autocomplete="off">${csrfField(context.csrfToken)}
      ${inputs}
      <div class="before-after"><div><h3>At TikTok now</h3><dl class="facts">${PARTS.filter(({ name }) => now[name] !== '').map(({ name, title }) => html`<dt>${title}</dt><dd>${now[name]}</dd>`)}</dl></div>
        <div><h3>As Amazon would get it</h3>${isReady ? sentView(destination, now) : html`<p class="soft">Fill in what is wrong, then look at it here before it is sent.</p>`}</div></div>
      <div class="actions"><button name="step" value="preview" class="${isReady ? 'second' : ''}" data-command="Preview the corrected address">Preview</button>
        ${isReady ? html`<input type="hidden" name="seal" value="${addressSeal(filled.preview)}"><button name="step" value="send" data-command="Send with this address">Send with this address</button>` : nothing}</div>
      <p class="hint">Read from TikTok Shop just now, for this fix only. Nothing of it is kept; the audit log notes that you looked. The correction goes to Amazon alone: at TikTok Shop the address stays as it is.</p>
    </form></section>`;
};

/** Where the address could not be read. */
export const addressUnavailable = (text: string): Html =>
  html`<section class="fix">${notice(text, 'bad')}</section>`;
