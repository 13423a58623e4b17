/** One seller account in one marketplace. */
export type ProviderPlace = { region: 'na' | 'eu' | 'fe'; marketplaceId: string };

/** How a seller lets this service ship from their stock. Calls throw `UpstreamError`. */
export type ProviderAuthorizer = {
  /** The page that asks the seller; null when it is not configured. */
  consentLink(place: ProviderPlace, state: string): string | null;
  /** Spends the code that the seller came back with and answers the refresh token. */
  exchange(code: string): Promise<string>;
  /** Makes read-only calls with a refresh token; throws what is wrong with it. */
  tryOut(place: ProviderPlace, refreshToken: string): Promise<void>;
  /** False for a marketplace that is not known, or that lies in another region. */
  isPlace(place: ProviderPlace): boolean;
};
