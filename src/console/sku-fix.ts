import { normaliseSku } from '../inventory/sku-match.ts';
import type { OrderRecord } from '../orders/model.ts';
import { type Html, html, nothing } from './html.ts';
import type { PageContext } from './layout.ts';
import { csrfField } from './parts.ts';
import { faultsGoThere } from './review-words.ts';

/** The SKUs of an order's lines that lead nowhere; where each has an answer, all of them. */
export const openSkus = ({ snapshot }: OrderRecord): string[] => {
  const lines = snapshot?.lines ?? [];
  const open = lines.filter(({ components }) => components.length === 0);
  return [...new Set((open.length > 0 ? open : lines).map(({ sku, skuId }) => (sku === '' ? skuId : sku)))];
};

/** The one Amazon SKU that is spelt like this one; none where several are. */
const guess = (sku: string, known: readonly string[]): string => {
  const alike = known.filter((one) => normaliseSku(one) === normaliseSku(sku));
  const [only = ''] = alike;
  return alike.length === 1 ? only : '';
};

/** What a bundle may have beside its first SKU; a larger one is entered in the map. */
const MORE_PARTS = [1, 2];

const partFields = (id: string, index: number, value: string, listId: string, label: Html): Html => {
  const isFirst = index === 0;
  return html`<div class="inline"><div class="field"><label for="sku-${id}-${index}">${label}</label><input id="sku-${id}-${index}" name="${isFirst ? 'amazonSku' : 'partSku'}" value="${value}" list="${listId}" maxlength="50" ${isFirst ? html`required` : nothing}></div>
    <div class="field"><label for="quantity-${id}-${index}">Units of it</label><input id="quantity-${id}-${index}" name="${isFirst ? 'quantity' : 'partQuantity'}" type="number" min="1" max="250" value="1" required></div></div>`;
};

/** The form that says which Amazon SKU ships a seller SKU. `known` are Amazon SKUs to choose from. */
export const skuFix = (context: PageContext, record: OrderRecord, known: readonly string[]): Html => {
  const { orderId } = record.key;
  const base = `/console/review/${encodeURIComponent(orderId)}/sku`;
  const listId = `skus-${orderId}`;
  return html`<section class="fix" aria-label="Map the SKUs of ${orderId}">
    <datalist id="${listId}">${known.map((sku) => html`<option value="${sku}"></option>`)}</datalist>
    ${openSkus(record).map((sku, index) => {
      const id = `${orderId}-${index}`;
      return html`<form method="post" action="${base}" hx-post="${base}" hx-target="#item-${orderId}" hx-swap="outerHTML" ${faultsGoThere(orderId)} autocomplete="off">${csrfField(context.csrfToken)}
      <input type="hidden" name="channelSku" value="${sku}">
      ${partFields(id, 0, guess(sku, known), listId, html`${sku} is shipped by the Amazon SKU`)}
      <details id="bundle-${id}"><summary>It is a bundle of several</summary>${MORE_PARTS.map((part) => partFields(id, part, '', listId, html`and by`))}</details>
      <button data-command="Map ${sku} and send">Map and send all orders with it</button></form>`;
    })}
    <p class="hint">This goes into the SKU map of shop ${record.key.shopId}. Every order that waits for this SKU goes on by itself. A bundle of more SKUs is entered in the <a href="/console/sku-map">SKU map</a>.</p></section>`;
};
