import type { FulfillmentProvider } from '../fulfillment/provider.ts';
import { describeError, UpstreamError } from '../lib/errors.ts';
import type { AmazonAccountRow } from '../store/store.ts';
import { type Check, failed, type Line, notChecked, passed, warned } from './line.ts';
import type { Probe } from './probes.ts';

type Region = AmazonAccountRow['region'];
type Reads = Pick<FulfillmentProvider, 'fetch' | 'fetchStock'>;

export type AmazonDeps = {
  /** Reads for an account, as if it lay in this region. */
  readsOf(account: AmazonAccountRow, region: Region): Reads;
  /** The region that a marketplace lies in; undefined: not known. */
  regionOf(marketplaceId: string): Region | undefined;
  /** Regions whose hosts are others than this one's; none where one address serves all. */
  otherRegions(region: Region): Region[];
};

/** No seller has it: an unknown one is answered, and the answer shows that orders may be read. */
const NO_ORDER = 'TTS-0';
const LOGIN = 'requestAccessToken';

const LOGIN_FIXES: Readonly<Record<string, string>> = {
  invalid_client:
    'Copy client id and secret from Developer Central to AMAZON_LWA_CLIENT_ID and AMAZON_LWA_CLIENT_SECRET. A secret dies 180 days after it was made, or when it is rotated.',
  unauthorized_client:
    'Copy client id and secret of one and the same app from Developer Central to AMAZON_LWA_CLIENT_ID and AMAZON_LWA_CLIENT_SECRET.',
  invalid_grant:
    'Authorise the app in Seller Central again, and put the new refresh token in AMAZON_LWA_REFRESH_TOKEN or connect the account anew. It has to be of the same app.',
};
const ANY = 'Run the doctor again in some minutes; if it stays, the message names the cause.';
const ROLES =
  'Give the app the role “Amazon Fulfillment” in Developer Central, then authorise it in Seller Central again.';

const isLogin = (error: unknown): error is UpstreamError =>
  error instanceof UpstreamError && error.operation === LOGIN;
const isRefused = (error: unknown): boolean =>
  error instanceof UpstreamError && error.code === 'upstream_auth_refused';

const REGION_FIX = (region: Region): string =>
  `Set AMAZON_REGION=${region}, or the region of the account where it was connected here.`;

/** The first region in which the account is let in; null: none. */
const regionThatAnswers = async (account: AmazonAccountRow, deps: AmazonDeps): Promise<Region | null> => {
  for (const region of deps.otherRegions(account.region)) {
    try {
      await deps.readsOf(account, region).fetch(NO_ORDER);
      return region;
    } catch {
      // Not that one.
    }
  }
  return null;
};

const AGED =
  'Amazon lets in. When the client secret was made is not known here: Amazon wants a new one every 180 days.';

const refusedLines = async (account: AmazonAccountRow, error: unknown, deps: AmazonDeps): Promise<Line[]> => {
  const subject = { amazonAccount: account.accountId };
  const { message } = describeError(error);
  if (isLogin(error)) {
    const fix = LOGIN_FIXES[error.remoteCode ?? ''] ?? ANY;
    return [
      failed('amazon_login', message, fix, subject),
      ...notChecked(['amazon_region', 'amazon_orders', 'amazon_stock'], 'there is no login.', fix, subject),
    ];
  }
  const login = passed('amazon_login', AGED, subject);
  const region = isRefused(error) ? await regionThatAnswers(account, deps) : null;
  if (region !== null) {
    const fix = `${REGION_FIX(region)} The marketplace (AMAZON_MARKETPLACE_ID) has to be one of that region too.`;
    return [
      login,
      failed(
        'amazon_region',
        `Amazon refuses the account in ${account.region} and lets it in in ${region}.`,
        fix,
        subject,
      ),
      ...notChecked(['amazon_orders', 'amazon_stock'], 'the region is wrong.', fix, subject),
    ];
  }
  return [
    login,
    passed('amazon_region', `The marketplace is one of ${account.region}.`, subject),
    failed('amazon_orders', message, isRefused(error) ? ROLES : ANY, subject),
    ...(await stockLines(account, deps)),
  ];
};

const stockLines = async (account: AmazonAccountRow, deps: AmazonDeps): Promise<Line[]> => {
  const subject = { amazonAccount: account.accountId };
  try {
    await deps.readsOf(account, account.region).fetchStock(['-']);
    return [passed('amazon_stock', 'Stock can be read.', subject)];
  } catch (error) {
    return [failed('amazon_stock', describeError(error).message, isRefused(error) ? ROLES : ANY, subject)];
  }
};

/** An Amazon account: login, region, and the reads that orders and stock need. */
export const amazonProbe = (account: AmazonAccountRow, deps: AmazonDeps): Probe => {
  const subject = { amazonAccount: account.accountId };
  const checks: readonly Check[] = ['amazon_login', 'amazon_region', 'amazon_orders', 'amazon_stock'];
  return {
    checks,
    subject,
    async run() {
      const { region, marketplaceId } = account;
      if (account.stoppedAtMs !== null)
        return [
          warned(
            'amazon_account',
            'The account is out of service.',
            'Connect it again, or remove it.',
            subject,
          ),
        ];
      const home = deps.regionOf(marketplaceId);
      if (home !== undefined && home !== region) {
        const fix = `${REGION_FIX(home)} Or set AMAZON_MARKETPLACE_ID to a marketplace of ${region}.`;
        return [
          failed(
            'amazon_region',
            `The marketplace ${marketplaceId} lies in ${home}, and the region is ${region}.`,
            fix,
            subject,
          ),
          ...notChecked(
            ['amazon_login', 'amazon_orders', 'amazon_stock'],
            'the region is wrong.',
            fix,
            subject,
          ),
        ];
      }
      try {
        await deps.readsOf(account, region).fetch(NO_ORDER);
      } catch (error) {
        return refusedLines(account, error, deps);
      }
      return [
        passed('amazon_login', AGED, subject),
        passed('amazon_region', `Amazon lets the account in in ${region}.`, subject),
        passed('amazon_orders', 'Fulfillment orders can be read.', subject),
        ...(await stockLines(account, deps)),
      ];
    },
  };
};
