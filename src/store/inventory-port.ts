export type ListingRow = {
  channel: string;
  shopId: string;
  productId: string;
  skuId: string;
  sellerSku: string;
  components: { amazonSku: string; quantity: number }[];
  pushedQuantity: number | null;
  pushedAtMs: number | null;
};

export type StockRow = {
  amazonAccount: string;
  amazonSku: string;
  fulfillable: number;
  promised: number;
  buffer: number;
  available: number;
  readAtMs: number;
};

export type InventoryStore = {
  saveStock(rows: readonly StockRow[]): Promise<void>;
  /** A row without `pushedAtMs` keeps what its listing was last given. */
  saveListings(rows: readonly ListingRow[]): Promise<void>;
  stock(): Promise<StockRow[]>;
  listings(): Promise<ListingRow[]>;
  /** Units sold per SKU of orders received since, of the newest `most` orders; `firstMs`: when the first was received. */
  sold(
    sinceMs: number,
    most: number,
  ): Promise<{ amazonAccount: string | null; amazonSku: string; units: number; firstMs: number }[]>;
};
