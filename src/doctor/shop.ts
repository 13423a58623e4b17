import type { WebhookRegistry } from '../channels/authorizer.ts';
import type { ChannelTrouble, ShopCheckup } from '../channels/checkup.ts';
import { type Clock, daysToMs, isoTime } from '../lib/clock.ts';
import { describeError, UpstreamError } from '../lib/errors.ts';
import type { ShopRow } from '../store/store.ts';
import { type Check, failed, type Line, notChecked, passed, type Subject, warned } from './line.ts';
import type { Probe } from './probes.ts';

export type GrantedShop = { shopId: string; cipher: string | null };

export type ShopDeps = {
  clock: Clock;
  /** The shops of an authorisation, by a real call. Throws `UpstreamError`. */
  discover(authorization: string): Promise<GrantedShop[]>;
  missingScopesOf(authorization: string): Promise<string[]>;
  /** `cipher`: the one to call with, whatever the shop's row holds. */
  checkup: ShopCheckup;
  useCipher(shopId: string, cipher: string): void;
  webhooks: Pick<WebhookRegistry, 'topics' | 'list'>;
  /** Where webhooks of this service arrive; null: nobody said. */
  webhookAddress: string | null;
};

const AGAIN =
  'Let the seller authorise the app again: open /connect/tiktok-shop, or put new tokens in the environment.';
const FIXES: Readonly<Record<ChannelTrouble, string>> = {
  secret: 'Copy the app secret from Partner Center (App & Service > your app) to TIKTOK_APP_SECRET.',
  app_key: 'Copy the app key from Partner Center to TIKTOK_APP_KEY.',
  scope: `Enable the scope for the app in Partner Center. ${AGAIN}`,
  cipher:
    'Remove TIKTOK_SHOP_CIPHER, so that the cipher is looked up, or copy the right one from GET /authorization/202309/shops.',
  clock: 'Mend the clock of this machine first.',
  authorisation: AGAIN,
  other: 'Run the doctor again in some minutes; if it stays, the message and TikTok’s code name the cause.',
};
const WORDS: Partial<Record<ChannelTrouble, string>> = {
  secret: 'TikTok refuses our signature: TIKTOK_APP_SECRET is not the secret of this app.',
};

const OF_A_SHOP: readonly Check[] = [
  'tiktok_cipher',
  'tiktok_orders',
  'tiktok_products',
  'tiktok_returns',
  'tiktok_webhooks',
  'tiktok_warehouses',
  'tiktok_delivery',
];
const CLOCK_WRONG = 'TikTok refuses the time of this machine.';

const lineOf = (check: Check, error: unknown, subject: Subject, { checkup }: ShopDeps): Line[] => {
  if (error instanceof UpstreamError && error.isLocal)
    return notChecked([check], error.message, 'Start the service, then run the doctor again.', subject);
  const trouble = checkup.troubleOf(error);
  if (trouble === 'clock') return notChecked([check], CLOCK_WRONG, FIXES.clock, subject);
  return [failed(check, WORDS[trouble] ?? describeError(error).message, FIXES[trouble], subject)];
};

const tried = async (
  check: Check,
  subject: Subject,
  deps: ShopDeps,
  look: () => Promise<Line[]>,
): Promise<Line[]> => {
  try {
    return await look();
  } catch (error) {
    return lineOf(check, error, subject, deps);
  }
};

const EARLY_MS = daysToMs(30);

const authorisationLine = (shop: ShopRow, missingScopes: readonly string[], nowMs: number): Line => {
  const check = 'tiktok_authorisation';
  const { shopId, authorizationExpiresAtMs: endMs } = shop;
  if (missingScopes.length > 0)
    return failed(check, `Not granted: ${missingScopes.join(', ')}.`, FIXES.scope, { shopId });
  if (endMs !== null && endMs <= nowMs)
    return failed(check, `The authorisation ended on ${isoTime(endMs)}.`, AGAIN, { shopId });
  if (endMs !== null && endMs - nowMs < EARLY_MS)
    return warned(check, `The authorisation ends on ${isoTime(endMs)}.`, AGAIN, { shopId });
  const until = endMs === null ? '' : ` until ${isoTime(endMs)}`;
  return passed(check, `TikTok lets this app act for the shop${until}.`, { shopId });
};

const cipherLine = (shop: ShopRow, granted: GrantedShop): Line => {
  const { shopId } = shop;
  return shop.cipher === null || shop.cipher === granted.cipher
    ? passed('tiktok_cipher', 'The shop’s cipher is the one that TikTok names.', { shopId })
    : failed('tiktok_cipher', 'The shop’s cipher is not the one that TikTok names.', FIXES.cipher, {
        shopId,
      });
};

const webhookLines = async (shop: ShopRow, deps: ShopDeps): Promise<Line[]> => {
  const check = 'tiktok_webhooks';
  const { shopId } = shop;
  const { webhookAddress: address } = deps;
  if (address === null)
    return [
      warned(
        check,
        'It is not known under which address webhooks arrive, so whether TikTok sends them here was not checked.',
        'Set PUBLIC_URL to the address of this service as TikTok reaches it.',
        { shopId },
      ),
    ];
  const listed = await deps.webhooks.list(shop);
  const at = (topic: string): string | undefined =>
    listed.find((entry) => entry.topic === topic && entry.address !== '')?.address;
  const missing = deps.webhooks.topics.filter((topic) => at(topic) === undefined);
  const elsewhere = deps.webhooks.topics.filter((topic) => ![undefined, address].includes(at(topic)));
  const lines: Line[] = [];
  if (missing.length > 0)
    lines.push(
      failed(
        check,
        `Not registered: ${missing.join(', ')}.`,
        `Run \`mcf-connector webhooks register\`; each reconcile tries it too.`,
        { shopId },
      ),
    );
  if (elsewhere.length > 0)
    lines.push(
      warned(
        check,
        `TikTok sends these to another address: ${elsewhere.join(', ')}.`,
        'If that is not wanted, run `mcf-connector webhooks register --take-over`.',
        { shopId },
      ),
    );
  return lines.length > 0 ? lines : [passed(check, 'TikTok sends every topic here.', { shopId })];
};

const ENABLE =
  'Enable it in Seller Center under Shipping > Warehouses. TikTok turns a warehouse off after several refused tracking numbers.';

const warehouseLines = async (shop: ShopRow, { checkup }: ShopDeps): Promise<Line[]> => {
  const check = 'tiktok_warehouses';
  const { shopId } = shop;
  const warehouses = await checkup.salesWarehouses(shop);
  const off = warehouses.filter(({ isEnabled }) => !isEnabled);
  const names = off.map(({ name, warehouseId }) => name || warehouseId).join(', ');
  if (warehouses.length === 0)
    return [
      failed(
        check,
        'The shop has no warehouse to sell from.',
        'Add one in Seller Center under Shipping > Warehouses.',
        { shopId },
      ),
    ];
  if (off.length === warehouses.length || off.some(({ isDefault }) => isDefault))
    return [failed(check, `Not enabled: ${names}.`, ENABLE, { shopId })];
  return off.length > 0
    ? [warned(check, `Not enabled: ${names}.`, ENABLE, { shopId })]
    : [passed(check, `${warehouses.length} warehouse(s), all enabled.`, { shopId })];
};

/** Who carries Amazon's parcels, by what TikTok calls them. */
const AMAZONS_CARRIERS = /amazon|ups|usps|fedex/i;

const deliveryLines = async (shop: ShopRow, { checkup }: ShopDeps): Promise<Line[]> => {
  const check = 'tiktok_delivery';
  const { shopId } = shop;
  const warehouses = await checkup.salesWarehouses(shop);
  const options = await Promise.all(
    warehouses.map(({ warehouseId }) => checkup.deliveryOptions(shop, warehouseId)),
  );
  const ids = [...new Set(options.flat().map(({ optionId }) => optionId))];
  const reads = await Promise.allSettled(ids.map((optionId) => checkup.carriers(shop, optionId)));
  const carriers = reads.flatMap((read) => (read.status === 'fulfilled' ? read.value : []));
  const fix =
    'Subscribe to shipping by the seller (not by TikTok) in Seller Center under Shipping > Delivery options.';
  if (ids.length === 0 || carriers.length === 0)
    return [
      failed(
        check,
        'No delivery option lets the seller name a carrier, so no tracking number could be reported.',
        fix,
        { shopId },
      ),
    ];
  return carriers.some((name) => AMAZONS_CARRIERS.test(name))
    ? [passed(check, `${ids.length} delivery option(s) with Amazon’s carriers.`, { shopId })]
    : [
        warned(check, 'None of Amazon’s carriers (Amazon Logistics, UPS, USPS, FedEx) may be named.', fix, {
          shopId,
        }),
      ];
};

const shopLines = async (shop: ShopRow, granted: GrantedShop, deps: ShopDeps): Promise<Line[]> => {
  const { shopId } = shop;
  const { checkup } = deps;
  if (granted.cipher !== null) deps.useCipher(shopId, granted.cipher);
  const call = (check: Check, what: string, run: () => Promise<void>): Promise<Line[]> =>
    tried(check, { shopId }, deps, async () => {
      await run();
      return [passed(check, `${what} can be read.`, { shopId })];
    });
  const lines = await Promise.all([
    call('tiktok_orders', 'Orders', () => checkup.tryOrders(shop)),
    call('tiktok_products', 'Products', () => checkup.tryProducts(shop)),
    call('tiktok_returns', 'Returns', () => checkup.tryReturns(shop)),
    tried('tiktok_webhooks', { shopId }, deps, () => webhookLines(shop, deps)),
    tried('tiktok_warehouses', { shopId }, deps, () => warehouseLines(shop, deps)),
    tried('tiktok_delivery', { shopId }, deps, () => deliveryLines(shop, deps)),
  ]);
  return [cipherLine(shop, granted), ...lines.flat()];
};

/** A shop's authorisation; then, if that holds, all that needs it. */
export const shopProbe = (shop: ShopRow, deps: ShopDeps): Probe => {
  const { shopId, authorization } = shop;
  const refused = (line: Line[]): Line[] => [
    ...line,
    ...notChecked(OF_A_SHOP, 'TikTok does not let us in for this shop.', 'Mend the authorisation first.', {
      shopId,
    }),
  ];
  return {
    checks: ['tiktok_authorisation', ...OF_A_SHOP],
    subject: { shopId },
    async run() {
      const check = 'tiktok_authorisation';
      if (shop.stoppedAtMs !== null)
        return refused([
          failed(check, 'The seller withdrew the authorisation, or the shop was disconnected.', AGAIN, {
            shopId,
          }),
        ]);
      let granted: GrantedShop | undefined;
      try {
        granted = (await deps.discover(authorization)).find((found) => found.shopId === shopId);
      } catch (error) {
        return refused(lineOf(check, error, { shopId }, deps));
      }
      if (!granted)
        return refused([
          failed(check, 'The authorisation does not cover this shop.', `Check TIKTOK_SHOP_ID. ${AGAIN}`, {
            shopId,
          }),
        ]);
      const own = authorisationLine(shop, await deps.missingScopesOf(authorization), deps.clock.nowMs());
      return [own, ...(await shopLines(shop, granted, deps))];
    },
  };
};
