import type { Registrations } from '../connections/registrations.ts';
import type { ShopWarning } from '../connections/warnings.ts';
import { mayAct } from '../people/principal.ts';
import type { AmazonAccountRow, SharingRule, ShopRow, ShopSettings } from '../store/store.ts';
import { type Html, html, nothing } from './html.ts';
import { type PageContext, page } from './layout.ts';
import { badge, card, csrfField, empty, notice, table, time } from './parts.ts';
import { sharingForm } from './sharing.ts';

export type ShopView = {
  shop: ShopRow;
  warnings: readonly ShopWarning[];
  registrations: ReturnType<Registrations['stateOf']>;
};

export type ShopsData = {
  shops: readonly ShopView[];
  /** Null where the person is limited to shops. */
  accounts: readonly AmazonAccountRow[] | null;
  said: Html | null;
};

const stateOf = ({ stoppedAtMs, pausedAtMs }: ShopRow): Html => {
  if (stoppedAtMs !== null) return badge('disconnected', 'bad');
  return pausedAtMs === null ? badge('running', 'good') : badge('paused', 'warn');
};

export const shopTitle = ({ name, shopId }: ShopRow): string => name ?? shopId;

const shopHref = (shopId: string): string => `/console/shops/${encodeURIComponent(shopId)}`;

const sharingText = (rule: SharingRule): string => {
  switch (rule.kind) {
    case 'all':
      return 'every shop sees all of it';
    case 'shares':
      return Object.entries(rule.percentByShop)
        .map(([shopId, percent]) => `${shopId}: ${percent} %`)
        .join(', ');
    case 'priority':
      return rule.shops
        .map(({ shopId, atMostUnits }) => (atMostUnits === null ? shopId : `${shopId} up to ${atMostUnits}`))
        .join(', then ');
  }
};

const accountsCard = (
  context: PageContext,
  accounts: readonly AmazonAccountRow[],
  shops: readonly ShopRow[],
): Html =>
  card(
    'Amazon accounts',
    html`${
      accounts.length === 0
        ? empty('No Amazon account', html`Without one no order can be shipped. Connect one below.`)
        : table(
            'Amazon accounts',
            [
              { title: 'Account', cell: ({ accountId, name }) => name ?? accountId },
              { title: 'Marketplace', cell: ({ marketplaceId, region }) => `${marketplaceId} (${region})` },
              { title: 'Stock is shared', cell: ({ sharing }) => sharingText(sharing), kind: 'wide' },
              {
                title: 'State',
                cell: ({ stoppedAtMs }) =>
                  stoppedAtMs === null ? badge('running', 'good') : badge('stopped', 'bad'),
              },
            ],
            accounts,
          )
    }${
      mayAct(context.principal, 'admin')
        ? html`${accounts.map((account) => sharingForm(context.csrfToken, account, shops))}<details><summary>Connect an Amazon account</summary><p><a class="button second" href="/connect/amazon">Authorise at Amazon</a></p>
        <form method="post" action="/console/amazon-accounts" autocomplete="off">${csrfField(context.csrfToken)}<p>or paste a refresh token that Seller Central made for your own app:</p>
          <div class="field"><label for="account-name">Name</label><input id="account-name" name="name" maxlength="100" required></div>
          <div class="field"><label for="account-region">Region</label><select id="account-region" name="region"><option value="na">North America</option><option value="eu">Europe</option><option value="fe">Far East</option></select></div>
          <div class="field"><label for="account-marketplace">Marketplace id</label><input id="account-marketplace" name="marketplaceId" required value="ATVPDKIKX0DER"></div>
          <div class="field"><label for="account-token">Refresh token</label><input id="account-token" name="refreshToken" type="password" required autocomplete="off"></div>
          <button>Try it and connect</button></form></details>`
        : nothing
    }`,
  );

/** `/console/shops`: what is connected, and what is wrong with it. */
export const shopsPage = (context: PageContext, { shops, accounts, said }: ShopsData): Html => {
  const isAdmin = mayAct(context.principal, 'admin') && context.principal.shopIds === null;
  const list =
    shops.length === 0
      ? empty(
          'No shop is connected',
          html`Connect one by TikTok Shop’s own page, or set <code>TIKTOK_SHOP_ID</code> and the tokens in the environment.`,
        )
      : table(
          'Shops',
          [
            { title: 'Shop', cell: ({ shop }) => shopTitle(shop), kind: 'wide' },
            { title: 'State', cell: ({ shop }) => stateOf(shop) },
            { title: 'Ships from', cell: ({ shop }) => shop.amazonAccount ?? badge('no account', 'bad') },
            { title: 'Authorised until', cell: ({ shop }) => time(shop.authorizationExpiresAtMs) },
            {
              title: 'Warnings',
              cell: ({ warnings }) =>
                warnings.length === 0 ? badge('none', 'good') : badge(String(warnings.length), 'warn'),
            },
          ],
          shops,
          ({ shop }) => shopHref(shop.shopId),
        );
  return page(
    context,
    'Shops',
    html`${said ?? nothing}<div class="card">${list}</div>${
      accounts
        ? accountsCard(
            context,
            accounts,
            shops.map(({ shop }) => shop),
          )
        : nothing
    }`,
    isAdmin
      ? html`<div class="actions"><a class="button" href="/connect/tiktok-shop" data-command="Connect a TikTok shop">Connect a TikTok shop</a><a class="button second" href="/console/shops/doctor" data-command="Check the whole set-up">Check-up</a></div>`
      : nothing,
  );
};

const choice = (name: keyof ShopSettings, title: string, values: readonly string[], now: unknown): Html =>
  html`<div class="field"><label for="set-${name}">${title}</label><select id="set-${name}" name="${name}"><option value="">as the service</option>${values.map((value) => html`<option ${String(now) === value ? html`selected` : nothing}>${value}</option>`)}</select></div>`;

const amount = (name: keyof ShopSettings, title: string, now: number | undefined): Html =>
  html`<div class="field"><label for="set-${name}">${title}</label><input id="set-${name}" name="${name}" type="number" min="0" value="${now ?? ''}" placeholder="as the service"></div>`;

const settingsForm = (
  context: PageContext,
  { shopId, settings, name, amazonAccount }: ShopRow,
  accounts: readonly AmazonAccountRow[],
): Html => html`<form method="post" action="${shopHref(shopId)}">${csrfField(context.csrfToken)}
  <div class="field"><label for="shop-name">Name</label><input id="shop-name" name="name" value="${name ?? ''}" maxlength="100"></div>
  <div class="field"><label for="shop-account">Ships from the Amazon account</label><select id="shop-account" name="amazonAccount"><option value="">none</option>${accounts.map((account) => html`<option value="${account.accountId}" ${account.accountId === amazonAccount ? html`selected` : nothing}>${account.name ?? account.accountId}</option>`)}</select></div>
  ${amount('bufferUnits', 'Buffer, units', settings.bufferUnits)}${amount('bufferPercent', 'Buffer, percent', settings.bufferPercent)}
  ${choice('speed', 'Speed', ['Standard', 'Expedited', 'Priority', 'auto'], settings.speed)}
  ${choice('fulfillmentPolicy', 'When not all is in stock', ['FillOrKill', 'FillAll', 'FillAllAvailable'], settings.fulfillmentPolicy)}
  ${choice('unbranded', 'Unbranded packaging', ['true', 'false'], settings.unbranded)}${choice('blockAmzl', 'Block Amazon Logistics', ['true', 'false'], settings.blockAmzl)}
  ${choice('cancellation', 'Buyers’ cancellations', ['auto', 'manual'], settings.cancellation)}${choice('returnsToAmazon', 'Approved returns', ['review', 'create'], settings.returnsToAmazon)}
  <button>Save</button></form>`;

const webhooksCard = (context: PageContext, { shop, registrations }: ShopView): Html =>
  card(
    'Webhooks',
    registrations === null
      ? empty(
          'Not checked yet',
          html`They are checked with each pass, at most hourly. Without <code>PUBLIC_URL</code> nobody knows where to send them.`,
        )
      : html`<dl class="facts"><dt>Checked</dt><dd>${time(registrations.checkedAtMs, 'relative')}</dd><dt>Come here</dt><dd>${registrations.registered.join(', ') || 'none'}</dd>
      <dt>Go elsewhere</dt><dd>${registrations.elsewhere.map(({ topic, address }) => `${topic} to ${address}`).join(', ') || 'none'}</dd><dt>Missing</dt><dd>${registrations.missing.join(', ') || 'none'}</dd></dl>
      ${registrations.problem ? notice(registrations.problem, 'warn') : nothing}
      ${
        mayAct(context.principal, 'admin')
          ? html`<form method="post" action="${shopHref(shop.shopId)}/webhooks" class="actions">${csrfField(context.csrfToken)}<button class="second">Check and mend</button>
        ${registrations.elsewhere.length > 0 ? html`<button class="danger" name="takeOver" value="true" data-confirm="Whoever gets these notifications now will not get them any more. Go on?">Bring all of them here</button>` : nothing}</form>`
          : nothing
      }`,
  );

/** `/console/shops/:shopId`: one shop, its switch and its settings. */
export const shopPage = (
  context: PageContext,
  view: ShopView,
  accounts: readonly AmazonAccountRow[],
  said: Html | null,
): Html => {
  const { shop, warnings } = view;
  const { principal, csrfToken } = context;
  const isPaused = shop.pausedAtMs !== null;
  const pause = mayAct(principal, 'operator')
    ? html`<form method="post" action="${shopHref(shop.shopId)}/pause">${csrfField(csrfToken)}<input type="hidden" name="paused" value="${isPaused ? 'false' : 'true'}"><button class="second" data-command="${isPaused ? 'Let this shop go on' : 'Pause this shop'}">${isPaused ? 'Go on' : 'Pause'}</button></form>`
    : nothing;
  const isAdmin = mayAct(principal, 'admin') && principal.shopIds === null;
  return page(
    context,
    shopTitle(shop),
    html`${said ?? nothing}${warnings.map(({ text }) => notice(text, 'warn'))}
      <div class="grid">${card(
        'Connection',
        html`<dl class="facts"><dt>State</dt><dd>${stateOf(shop)}</dd><dt>Shop id</dt><dd class="mono">${shop.shopId}</dd><dt>Region</dt><dd>${shop.region ?? 'unknown'}</dd><dt>Ships from</dt><dd>${shop.amazonAccount ?? 'no account'}</dd>
        <dt>Connected</dt><dd>${shop.connectedAtMs === null ? 'by the environment' : time(shop.connectedAtMs)}</dd><dt>Authorised until</dt><dd>${time(shop.authorizationExpiresAtMs)}</dd></dl>
        ${isPaused ? notice('Paused: nothing new is sent to Amazon and no stock is set. Tracking and cancellations go on.', 'warn') : nothing}`,
      )}${webhooksCard(context, view)}
      ${isAdmin ? card('Settings', settingsForm(context, shop, accounts)) : nothing}</div>
      ${
        isAdmin && shop.stoppedAtMs === null && shop.connectedAtMs !== null
          ? html`<form method="post" action="${shopHref(shop.shopId)}/disconnect" data-confirm="Disconnect ${shopTitle(shop)}? Its tokens are deleted, and orders that are not over wait for a person.">${csrfField(csrfToken)}<button class="danger">Disconnect</button></form>`
          : nothing
      }`,
    pause,
  );
};
