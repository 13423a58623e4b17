import { type Outcome, refuse, success, violation } from './outcome.ts';
import { type Call, get, type Route } from './route.ts';
import type { World } from './state.ts';
import type { Tokens } from './tokens.ts';

type App = { appKey: string; appSecret: string };

const renderTokens = (world: World, tokens: Tokens) => ({
  access_token: tokens.current().accessToken,
  access_token_expire_in: tokens.expiries().access,
  refresh_token: tokens.current().refreshToken,
  refresh_token_expire_in: tokens.expiries().refresh,
  open_id: world.seller.openId,
  seller_name: world.seller.name,
  seller_base_region: world.shop.region,
  user_type: world.seller.userType,
  granted_scopes: world.seller.scopes,
});

const checkApp = (app: App, call: Call, grantType: string): Outcome | null => {
  if (call.query.get('app_key') !== app.appKey) return violation(36009004, 'app_key is invalid');
  if (call.query.get('app_secret') !== app.appSecret) return violation(36009004, 'app_secret is invalid');
  return call.query.get('grant_type') === grantType ? null : violation(36009004, 'grant_type is invalid');
};

/** The auth host, and the one API call that tells which shops a token is for. */
export const authRoutes = (world: World, tokens: Tokens, app: App): Route[] => {
  const getToken = (call: Call): Outcome => {
    const refusal = checkApp(app, call, 'authorized_code');
    if (refusal !== null) return refusal;
    return tokens.redeem(call.query.get('auth_code') ?? '')
      ? success(renderTokens(world, tokens))
      : refuse(36004003, 'auth code is invalid or expired');
  };
  const refreshToken = (call: Call): Outcome => {
    const refusal = checkApp(app, call, 'refresh_token');
    if (refusal !== null) return refusal;
    const token = call.query.get('refresh_token') ?? '';
    const state = tokens.checkRefresh(token);
    if (state === 'expired') return refuse(36004001, 'rt has expired');
    if (state !== 'valid') return refuse(36004005, 'can not find related auth record');
    tokens.refresh(token);
    return success(renderTokens(world, tokens));
  };
  const listShops = (): Outcome => {
    const shops = world.seller.shops.map((shop) => ({ ...shop, seller_type: 'LOCAL' }));
    return success({ shops });
  };
  return [
    get('token.get', '/api/v2/token/get', getToken, 'forbidden'),
    get('token.refresh', '/api/v2/token/refresh', refreshToken, 'forbidden'),
    get('shops.list', '/authorization/202309/shops', listShops, 'forbidden'),
  ];
};
