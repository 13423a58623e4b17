import { type Outcome, refuse, success, violation } from './outcome.ts';
import { type Call, get, type Route } from './route.ts';
import type { World } from './state.ts';
import type { Tokens } from './tokens.ts';

const SCOPES = [
  'seller.authorization.info',
  'seller.order.info',
  'seller.fulfillment.basic',
  'seller.logistics',
  'seller.product.basic',
  'seller.product.write',
  'seller.return_refund.basic',
];

type App = { appKey: string; appSecret: string };

const renderTokens = (world: World, tokens: Tokens) => ({
  access_token: tokens.current().accessToken,
  access_token_expire_in: tokens.expiries().access,
  refresh_token: tokens.current().refreshToken,
  refresh_token_expire_in: tokens.expiries().refresh,
  open_id: 'ExampleSellerOpenId0001',
  seller_name: 'Example Goods LLC',
  seller_base_region: world.shop.region,
  user_type: 0,
  granted_scopes: SCOPES,
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
  const shops = (): Outcome => {
    const { id, name, region, cipher, code } = world.shop;
    return success({ shops: [{ id, name, region, seller_type: 'LOCAL', cipher, code }] });
  };
  return [
    get('token.get', '/api/v2/token/get', getToken, 'forbidden'),
    get('token.refresh', '/api/v2/token/refresh', refreshToken, 'forbidden'),
    get('shops.list', '/authorization/202309/shops', shops, 'forbidden'),
  ];
};
