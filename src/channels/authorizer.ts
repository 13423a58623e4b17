import type { Shop } from './channel.ts';

/** What a seller granted on the channel's authorise page. */
export type Grant = {
  /** Who granted it: the same one when they authorise again. */
  sellerId: string;
  sellerName: string | null;
  /** False: the account is a creator's or a partner's, and no shop belongs to it. */
  isSeller: boolean;
  /** What we need and did not get; empty when the channel did not say what it granted. */
  missingScopes: string[];
  tokens: {
    accessToken: string;
    accessExpiresAtMs: number | null;
    refreshToken: string | null;
    /** When the seller has to authorise anew. */
    refreshExpiresAtMs: number | null;
  };
};

export type GrantedShop = {
  shopId: string;
  name: string | null;
  region: string | null;
  cipher: string | null;
};

/** How a seller lets this service act for their shops. Calls throw `UpstreamError`. */
export type ChannelAuthorizer = {
  /** The page that asks the seller; null when it is not configured. */
  link(state: string): string | null;
  /** Spends the code that the seller came back with. */
  exchange(code: string): Promise<Grant>;
  /** Scopes without which no order can be served; the others only cost what they are for. */
  readonly essentialScopes: readonly string[];
};

/** Where the channel sends the notifications of one topic. */
export type WebhookRegistration = { topic: string; address: string };

/** The channel's list of webhook addresses, a list a shop. Calls throw `UpstreamError`. */
export type WebhookRegistry = {
  /** The topics that this service acts on. */
  readonly topics: readonly string[];
  list(shop: Shop): Promise<WebhookRegistration[]>;
  /** Replaces whatever address the topic had. */
  register(shop: Shop, topic: string, address: string): Promise<void>;
  unregister(shop: Shop, topic: string): Promise<void>;
};
