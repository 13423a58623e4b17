import type { World } from './state.ts';

const CODE_LIFETIME_MS = 30 * 60_000;

export type TokenPair = { accessToken: string; refreshToken: string };

export type TokenState = 'valid' | 'expired' | 'revoked' | 'unknown';

/** The tokens and codes the auth host has handed out. */
export type Tokens = {
  /** What the app holds after the last exchange. */
  current: () => TokenPair;
  /** Absolute expiries of the current pair, in seconds. */
  expiries: () => { access: number; refresh: number };
  checkAccess: (accessToken: string) => TokenState;
  checkRefresh: (refreshToken: string) => TokenState;
  /** Spends a refresh token: a new pair becomes current. */
  refresh: (refreshToken: string) => void;
  /** Spends an authorisation code; false when it is unknown, used or too old. */
  redeem: (code: string) => boolean;
  setTokens: (pair: Partial<TokenPair>) => void;
  expireAccessToken: () => void;
  expireRefreshToken: () => void;
  /** The seller removes the app: every token is dead, a new authorisation is needed. */
  revoke: () => void;
  /** A code as the redirect of the authorise link brings it: single use, 30 minutes. */
  issueCode: () => string;
};

const createLedger = (world: World, prefix: string) => {
  const access = new Map<string, number>();
  const refresh = new Map<string, number>();
  const codes = new Map<string, number>();
  return {
    access,
    refresh,
    codes,
    revoked: false,
    count: 0,
    prefix,
    pair: { accessToken: '', refreshToken: '' },
    world,
  };
};

type Ledger = ReturnType<typeof createLedger>;

const register = (ledger: Ledger, pair: TokenPair): void => {
  const { settings, clock } = ledger.world;
  ledger.access.set(pair.accessToken, clock.nowMs() + settings.accessTokenSeconds * 1000);
  if (!ledger.refresh.has(pair.refreshToken))
    ledger.refresh.set(pair.refreshToken, clock.nowMs() + settings.refreshTokenSeconds * 1000);
  ledger.pair = pair;
};

const issue = (ledger: Ledger, keepRefreshToken: string | null): void => {
  ledger.count += 1;
  const serial = String(ledger.count).padStart(27, '0');
  register(ledger, {
    accessToken: `${ledger.prefix}AccessToken${serial}`,
    refreshToken: keepRefreshToken ?? `${ledger.prefix}RefreshToken${serial}`,
  });
};

const stateOf = (ledger: Ledger, dueMs: number | undefined): TokenState => {
  if (dueMs === undefined) return 'unknown';
  if (ledger.revoked) return 'revoked';
  return dueMs > ledger.world.clock.nowMs() ? 'valid' : 'expired';
};

const spendRefresh = (ledger: Ledger, token: string): void => {
  const { settings } = ledger.world;
  if (settings.refreshKillsOldAccessToken) for (const old of ledger.access.keys()) ledger.access.set(old, 0);
  if (settings.rotateRefreshToken) ledger.refresh.delete(token);
  issue(ledger, settings.rotateRefreshToken ? null : token);
};

const redeem = (ledger: Ledger, code: string): boolean => {
  const dueMs = ledger.codes.get(code);
  ledger.codes.delete(code);
  if (dueMs === undefined || dueMs < ledger.world.clock.nowMs()) return false;
  ledger.revoked = false;
  issue(ledger, null);
  return true;
};

const issueCode = (ledger: Ledger): string => {
  ledger.count += 1;
  const code = `${ledger.prefix}AuthCode${String(ledger.count).padStart(20, '0')}`;
  ledger.codes.set(code, ledger.world.clock.nowMs() + CODE_LIFETIME_MS);
  return code;
};

/** The tokens of one app and one seller, with a first pair already issued. `prefix` begins all that it gives out. */
export const createTokens = (world: World, prefix = 'TTP_example'): Tokens => {
  const ledger = createLedger(world, prefix);
  issue(ledger, null);
  const toSeconds = (dueMs: number | undefined): number => Math.floor((dueMs ?? 0) / 1000);
  return {
    current: () => ({ ...ledger.pair }),
    expiries: () => ({
      access: toSeconds(ledger.access.get(ledger.pair.accessToken)),
      refresh: toSeconds(ledger.refresh.get(ledger.pair.refreshToken)),
    }),
    checkAccess: (token) => stateOf(ledger, ledger.access.get(token)),
    checkRefresh: (token) => stateOf(ledger, ledger.refresh.get(token)),
    refresh: (token) => spendRefresh(ledger, token),
    redeem: (code) => redeem(ledger, code),
    setTokens: (pair) => register(ledger, { ...ledger.pair, ...pair }),
    expireAccessToken: () => void ledger.access.set(ledger.pair.accessToken, 0),
    expireRefreshToken: () => void ledger.refresh.set(ledger.pair.refreshToken, 0),
    revoke() {
      ledger.revoked = true;
      const message = `Shop_id ${world.shop.id} is deauthorized from your APP by merchant.`;
      world.announce(6, { message }, null);
    },
    issueCode: () => issueCode(ledger),
  };
};
