import type { Clock } from '../../lib/clock.ts';
import { type Reply, type SandboxRequest, startSandboxServer } from '../http.ts';
import { createTikTokWorld, type TikTokWorld } from './index.ts';
import { createWorld, defaultSeller } from './state.ts';
import { createTokens, type Tokens } from './tokens.ts';
import type { SandboxSeller, SandboxSettings, SandboxShop } from './types.ts';

export type MallSeller = {
  openId: string;
  name?: string;
  /** 0 a seller, 1 a creator, 3 a partner. */
  userType?: number;
  /** Default: all that a connector needs. */
  scopes?: string[];
  shops: (Pick<SandboxShop, 'id' | 'cipher'> & Partial<SandboxShop>)[];
};

export type TikTokMallOptions = {
  clock: Clock;
  port?: number;
  host?: string;
  appKey: string;
  appSecret: string;
  sellers: MallSeller[];
  webhookUrl?: string | null;
  settings?: Partial<SandboxSettings>;
};

export type TikTokMall = {
  /** Base address of the API host, the auth host and the authorise page. */
  readonly url: string;
  /** Of the app; the authorise page sends sellers back to it. */
  redirectUrl: string;
  shop(shopId: string): TikTokWorld;
  readonly shops: readonly TikTokWorld[];
  seller(openId: string): SandboxSeller;
  /** A code as the redirect brings it, for a test that plays the browser. */
  issueCode(openId: string): string;
  /** The seller removes the app: the tokens are dead, and every shop says so (topic 6). */
  revoke(openId: string): void;
  /** Where the webhooks of all shops go. */
  sendWebhooksTo(url: string): void;
  close(): Promise<void>;
};

type Stall = { seller: SandboxSeller; tokens: Tokens; prefix: string; worlds: TikTokWorld[] };

const openStall = (options: TikTokMallOptions, wish: MallSeller, firstNumber: number): Stall => {
  const seller: SandboxSeller = {
    ...defaultSeller(),
    openId: wish.openId,
    name: wish.name ?? wish.openId,
    userType: wish.userType ?? 0,
    ...(wish.scopes ? { scopes: wish.scopes } : {}),
  };
  const prefix = `TTP_${wish.openId}_`;
  // The ledger of tokens needs the clock and the settings of a world, but no shop of its own.
  const ledgerWorld = createWorld({ clock: options.clock, settings: options.settings });
  const tokens = createTokens(ledgerWorld, prefix);
  const worlds = wish.shops.map((shop, index) =>
    createTikTokWorld({
      clock: options.clock,
      appKey: options.appKey,
      appSecret: options.appSecret,
      webhookUrl: options.webhookUrl ?? null,
      ...(options.settings ? { settings: options.settings } : {}),
      shop: { name: shop.id, ...shop },
      shopNumber: firstNumber + index,
      seller,
      tokens,
    }),
  );
  return { seller, tokens, prefix, worlds };
};

const redirect = (location: string): Reply => ({
  kind: 'answer',
  status: 302,
  body: '',
  headers: { location },
});

/** The seller agrees at once, or refuses with `decision=deny`. `seller` says who is signed in. */
const authorise = (stalls: readonly Stall[], redirectUrl: string, query: URLSearchParams): Reply => {
  const openId = query.get('seller');
  const stall = stalls.find(({ seller }) => seller.openId === openId) ?? stalls[0];
  const back = new URL(redirectUrl);
  const isRefused = stall === undefined || query.get('decision') === 'deny';
  back.searchParams.set('code', isRefused ? 'null' : stall.tokens.issueCode());
  if (isRefused) back.searchParams.set('error', 'auth_denied');
  const state = query.get('state');
  // An install from the App Store comes without one.
  if (state !== null) back.searchParams.set('state', state);
  return redirect(back.toString());
};

/** What tells whose request it is: a code, a refresh token or an access token. */
const credentialOf = ({ path, query, headers }: SandboxRequest): string => {
  if (path === '/api/v2/token/get') return query.get('auth_code') ?? '';
  if (path === '/api/v2/token/refresh') return query.get('refresh_token') ?? '';
  return String(headers['x-tts-access-token'] ?? '');
};

const worldFor = (stalls: readonly Stall[], request: SandboxRequest): TikTokWorld | undefined => {
  const credential = credentialOf(request);
  const stall = stalls.find(({ prefix }) => credential.startsWith(prefix)) ?? stalls[0];
  const cipher = request.query.get('shop_cipher');
  return stall?.worlds.find(({ shop }) => shop.cipher === cipher) ?? stall?.worlds[0];
};

const create = (stalls: readonly Stall[]) => {
  const stallOf = (openId: string): Stall => {
    const stall = stalls.find(({ seller }) => seller.openId === openId);
    if (!stall) throw new Error(`the mall has no seller ${openId}`);
    return stall;
  };
  const shops = stalls.flatMap(({ worlds }) => worlds);
  return {
    redirectUrl: 'https://nowhere.invalid/callback',
    shops,
    shop(shopId: string): TikTokWorld {
      const world = shops.find(({ shop }) => shop.id === shopId);
      if (!world) throw new Error(`the mall has no shop ${shopId}`);
      return world;
    },
    seller: (openId: string) => stallOf(openId).seller,
    issueCode: (openId: string) => stallOf(openId).tokens.issueCode(),
    revoke(openId: string): void {
      const { tokens, worlds } = stallOf(openId);
      tokens.revoke();
      for (const world of worlds)
        world.announce(6, { message: `Shop_id ${world.shop.id} is deauthorized from your APP by merchant.` });
    },
    sendWebhooksTo(url: string): void {
      for (const world of shops) world.webhooks.url = url;
    },
  };
};

/** Several sellers with several shops each behind one address: told apart by their tokens and ciphers. */
export const startTikTokMall = async (options: TikTokMallOptions): Promise<TikTokMall> => {
  let count = 0;
  const stalls = options.sellers.map((seller) => {
    const stall = openStall(options, seller, count);
    count += seller.shops.length;
    return stall;
  });
  const mall = { ...create(stalls), url: '', close: async (): Promise<void> => {} };
  const server = await startSandboxServer({
    host: options.host,
    port: options.port,
    async handle(request) {
      if (request.path === '/open/authorize') return authorise(stalls, mall.redirectUrl, request.query);
      const world = worldFor(stalls, request);
      if (!world) throw new Error('the mall is empty');
      return world.handle(request);
    },
  });
  mall.url = server.url;
  mall.close = async () => {
    for (const world of mall.shops) world.stop();
    await server.close();
  };
  return mall;
};
