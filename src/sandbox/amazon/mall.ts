import type { Clock } from '../../lib/clock.ts';
import { type Reply, type SandboxRequest, startSandboxServer } from '../http.ts';
import { type AmazonSandboxOptions, type AmazonWorld, createAmazonWorld } from './index.ts';
import { headerOf } from './wire.ts';

export type MallAccount = Partial<AmazonSandboxOptions> & {
  /** Selling partner id; a seller in two marketplaces is two accounts. */
  seller: string;
  refreshToken: string;
};

export type AmazonMallOptions = {
  clock: Clock;
  port?: number;
  host?: string;
  clientId: string;
  clientSecret: string;
  applicationId: string;
  accounts: MallAccount[];
};

export type AmazonMall = {
  /** Base of LWA, SP-API and Seller Central. */
  readonly url: string;
  /** Of the app; the consent page sends sellers back to it. */
  redirectUrl: string;
  account(seller: string): AmazonWorld;
  readonly accounts: readonly AmazonWorld[];
  close(): Promise<void>;
};

type Stall = { seller: string; refreshToken: string; world: AmazonWorld };

const redirect = (location: string): Reply => ({
  kind: 'answer',
  status: 302,
  body: '',
  headers: { location },
});

const refusal = (message: string): Reply => ({ kind: 'answer', status: 400, body: message });

/** The seller consents at once. `seller` says who is signed in; a draft app has to be asked for as one. */
const consent = (
  options: AmazonMallOptions,
  stalls: readonly Stall[],
  redirectUrl: string,
  query: URLSearchParams,
): Reply => {
  if (query.get('application_id') !== options.applicationId) return refusal('MD1000: unknown application');
  const state = query.get('state');
  if (!state) return refusal('MD5101: state is missing');
  const stall = stalls.find(({ seller }) => seller === query.get('seller')) ?? stalls[0];
  if (!stall) return refusal('nobody is signed in');
  const back = new URL(redirectUrl);
  back.searchParams.set('state', state);
  back.searchParams.set('selling_partner_id', stall.seller);
  back.searchParams.set('spapi_oauth_code', stall.world.issueConsentCode());
  return redirect(back.toString());
};

const isOf = (request: SandboxRequest, { seller, refreshToken }: Stall): boolean => {
  if (request.path !== '/auth/o2/token')
    return (headerOf(request, 'x-amz-access-token') ?? '').startsWith(`Atza|${seller}sandbox`);
  const fields = new URLSearchParams(request.body);
  return (
    fields.get('refresh_token') === refreshToken ||
    (fields.get('code') ?? '').startsWith(`${seller}sandboxcode`)
  );
};

/** Several sellers behind one address, each with orders, stock and quotas of its own: told apart by their tokens. */
export const startAmazonMall = async (options: AmazonMallOptions): Promise<AmazonMall> => {
  const { clock, clientId, clientSecret } = options;
  const stalls: Stall[] = options.accounts.map((account) => ({
    seller: account.seller,
    refreshToken: account.refreshToken,
    world: createAmazonWorld({ clock, clientId, clientSecret, ...account }),
  }));
  const mall: AmazonMall & { url: string } = {
    url: '',
    redirectUrl: 'https://nowhere.invalid/callback',
    accounts: stalls.map(({ world }) => world),
    account(seller) {
      const stall = stalls.find((one) => one.seller === seller);
      if (!stall) throw new Error(`the mall has no seller ${seller}`);
      return stall.world;
    },
    close: async () => {},
  };
  const server = await startSandboxServer({
    host: options.host,
    port: options.port,
    async handle(request) {
      if (request.path === '/apps/authorize/consent')
        return consent(options, stalls, mall.redirectUrl, request.query);
      const stall = stalls.find((one) => isOf(request, one)) ?? stalls[0];
      if (!stall) throw new Error('the mall is empty');
      return stall.world.handle(request);
    },
  });
  mall.url = server.url;
  mall.close = () => server.close();
  return mall;
};
