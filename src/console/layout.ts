import type { Principal } from '../people/principal.ts';
import { mayAct, type Role } from '../people/principal.ts';
import { assetUrl } from './assets.ts';
import { type Html, html, nothing } from './html.ts';
import { count } from './parts.ts';

/** What every page knows. */
export type PageContext = {
  principal: Principal;
  /** Proof that a form came from a page of ours. */
  csrfToken: string;
  /** The address asked for, for the navigation. */
  path: string;
  nowMs: number;
  /** Orders that wait for this person. */
  reviewCount: number;
};

type Place = { path: string; title: string; key: string; needs: Role; isForWholeService?: boolean };

/** The navigation. `key` follows a g: `g o` opens the orders. */
export const PLACES: readonly Place[] = [
  { path: '/console', title: 'Today', key: 't', needs: 'viewer' },
  { path: '/console/review', title: 'Review', key: 'r', needs: 'viewer' },
  { path: '/console/orders', title: 'Orders', key: 'o', needs: 'viewer' },
  { path: '/console/inventory', title: 'Inventory', key: 'i', needs: 'viewer' },
  { path: '/console/sku-map', title: 'SKU map', key: 'm', needs: 'viewer' },
  { path: '/console/shops', title: 'Shops', key: 's', needs: 'viewer' },
  { path: '/console/deliveries', title: 'Deliveries', key: 'd', needs: 'admin', isForWholeService: true },
  { path: '/console/people', title: 'People', key: 'p', needs: 'admin', isForWholeService: true },
  { path: '/console/settings', title: 'Settings', key: 'e', needs: 'admin', isForWholeService: true },
  { path: '/console/audit', title: 'Audit', key: 'a', needs: 'admin', isForWholeService: true },
];

const isOpenTo = (principal: Principal, place: Place): boolean =>
  mayAct(principal, place.needs) && (!place.isForWholeService || principal.shopIds === null);

const isHere = (path: string, place: Place): boolean =>
  place.path === '/console' ? path === place.path : path === place.path || path.startsWith(`${place.path}/`);

/** How many orders wait, in the navigation; `isOutOfBand`: with a part of a page, to take the place of what stands there. */
export const reviewCount = ({ reviewCount: waiting }: PageContext, isOutOfBand = false): Html =>
  html`<span class="count" id="review-count" ${isOutOfBand ? html`hx-swap-oob="true"` : nothing} ${waiting === 0 ? html`hidden` : nothing}>${count(waiting)}</span>`;

const placeLink = (context: PageContext, place: Place): Html => {
  return html`<li><a href="${place.path}" ${isHere(context.path, place) ? html`aria-current="page"` : nothing}
    data-key="${place.key}" data-command="Go to ${place.title}">${place.title}${
      place.path === '/console/review' ? html` ${reviewCount(context)}` : nothing
    }</a></li>`;
};

const document = (title: string, body: Html): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="htmx-config" content='{"includeIndicatorCSS":false,"allowEval":false}'>
<title>${title} · mcf-connector</title>
<link rel="icon" href="${assetUrl('icon.svg')}">
<link rel="stylesheet" href="${assetUrl('console.css')}">
<script src="${assetUrl('htmx.js')}" defer></script>
<script src="${assetUrl('console.js')}" defer></script>
</head>
${body}
</html>`;

/** A page of somebody who is signed in. `actions` stand beside the title. */
export const page = (context: PageContext, title: string, body: Html, actions: Html = nothing): Html => {
  const { principal } = context;
  return document(
    title,
    html`<body data-now="${context.nowMs}">
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
  <a class="brand" href="/console"><img src="${assetUrl('icon.svg')}" alt="" width="26" height="26">mcf-connector</a>
  <form class="find" action="/console/orders" role="search"><label class="hidden" for="find">Find an order</label>
    <input id="find" name="q" type="search" placeholder="Order, fulfillment or tracking number" autocomplete="off"></form>
  <button type="button" class="plain" data-open="palette" aria-keyshortcuts="Control+K Meta+K">Commands <kbd>Ctrl K</kbd></button>
  <details class="me"><summary>${principal.name}</summary><div class="menu">
    <p>${principal.role}${principal.shopIds === null ? nothing : html`, ${principal.shopIds.length === 1 ? 'one shop' : `${principal.shopIds.length} shops`}`}</p>
    <a href="/console/account" data-command="My account">My account</a>
    <button type="button" class="plain" data-theme-switch data-command="Switch between light and dark">Light or dark</button>
    <form method="post" action="/console/sign-out"><input type="hidden" name="_csrf" value="${context.csrfToken}"><button class="plain" data-command="Sign out">Sign out</button></form>
  </div></details>
</header>
<nav class="places" aria-label="Pages"><ul>${PLACES.filter((place) => isOpenTo(principal, place)).map((place) => placeLink(context, place))}</ul></nav>
<main id="main" tabindex="-1">
  <div class="title"><h1>${title}</h1>${actions}</div>
  ${body}
</main>
<dialog id="palette" aria-label="Commands"><label class="hidden" for="palette-input">Command or order number</label>
  <input id="palette-input" type="text" placeholder="Type a command or an order number" autocomplete="off" role="combobox" aria-expanded="true" aria-controls="palette-list">
  <ul id="palette-list" role="listbox" aria-label="Matching commands"></ul></dialog>
<dialog id="keys" aria-label="Keys"><h2>Keys</h2><dl class="keys">
  <dt><kbd>Ctrl K</kbd></dt><dd>Commands</dd><dt><kbd>/</kbd></dt><dd>Find an order</dd>
  <dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>Next and previous row</dd><dt><kbd>Enter</kbd></dt><dd>Open the row</dd>
  <dt><kbd>g</kbd> then a letter</dt><dd>Open a page: ${PLACES.map(({ key, title: name }) => html`<kbd>${key}</kbd> ${name} `)}</dd>
  <dt><kbd>?</kbd></dt><dd>These keys</dd></dl>
  <form method="dialog"><button>Close</button></form></dialog>
<div id="live" class="hidden" role="status" aria-live="polite"></div>
</body>`,
  );
};

/** A page for somebody who is not signed in, or a fault. */
export const barePage = (title: string, body: Html): Html =>
  document(
    title,
    html`<body class="bare"><main id="main"><img src="${assetUrl('icon.svg')}" alt="" width="48" height="48"><h1>${title}</h1>${body}</main></body>`,
  );
