/** What was looked at. Stable: scripts depend on it. */
export const CHECKS = [
  'configuration',
  'store',
  'disk_space',
  'clock',
  'tiktok_shops',
  'tiktok_authorisation',
  'tiktok_cipher',
  'tiktok_orders',
  'tiktok_products',
  'tiktok_returns',
  'tiktok_webhooks',
  'tiktok_warehouses',
  'tiktok_delivery',
  'amazon_account',
  'amazon_region',
  'amazon_login',
  'amazon_orders',
  'amazon_stock',
  'sku_map',
] as const;
export type Check = (typeof CHECKS)[number];

export const STATES = ['passed', 'warned', 'failed'] as const;
export type LineState = (typeof STATES)[number];

/** One finding. Holds no secret and no buyer's data. */
export type Line = {
  check: Check;
  state: LineState;
  message: string;
  /** What to do; null when nothing is to be done. */
  fix: string | null;
  /** The shop or Amazon account that it is about; null: the whole service. */
  shopId: string | null;
  amazonAccount: string | null;
};

export type Subject = { shopId?: string; amazonAccount?: string };

const line = (
  state: LineState,
  check: Check,
  message: string,
  fix: string | null,
  { shopId = null, amazonAccount = null }: { shopId?: string | null; amazonAccount?: string | null },
): Line => ({ check, state, message, fix, shopId, amazonAccount });

export const passed = (check: Check, message: string, subject: Subject = {}): Line =>
  line('passed', check, message, null, subject);
export const warned = (check: Check, message: string, fix: string, subject: Subject = {}): Line =>
  line('warned', check, message, fix, subject);
export const failed = (check: Check, message: string, fix: string, subject: Subject = {}): Line =>
  line('failed', check, message, fix, subject);

/** Of checks that cannot be made before another fault is mended. */
export const notChecked = (
  checks: readonly Check[],
  because: string,
  fix: string,
  subject: Subject = {},
): Line[] => checks.map((check) => warned(check, `Not checked: ${because}`, fix, subject));

/** The worst state of all lines. */
export const overall = (lines: readonly Line[]): LineState => {
  if (lines.some(({ state }) => state === 'failed')) return 'failed';
  return lines.some(({ state }) => state === 'warned') ? 'warned' : 'passed';
};
