/** Where a parcel goes, in the shape the provider takes. Personal data: passed on, never stored or logged. */
export type Destination = {
  name: string;
  addressLine1: string;
  addressLine2?: string;
  addressLine3?: string;
  city?: string;
  districtOrCounty?: string;
  stateOrRegion?: string;
  postalCode: string;
  /** ISO 3166 alpha-2 */
  countryCode: string;
  /** E.164 */
  phone?: string;
};

export type FulfillmentItem = {
  /** Ours, unique in the order, stable when the same order is planned again; `[A-Za-z0-9_-]`, at most 50. */
  itemId: string;
  amazonSku: string;
  quantity: number;
};

export type ShippingSpeed = 'Standard' | 'Expedited' | 'Priority';
export type FulfillmentPolicy = 'FillOrKill' | 'FillAll' | 'FillAllAvailable';

export type FulfillmentRequest = {
  /** The idempotency key: `TTS-<order id>`, then `TTS-<order id>-2` … */
  fulfillmentId: string;
  /** Shown to the buyer. */
  displayOrderId: string;
  orderedAtMs: number;
  speed: ShippingSpeed;
  policy: FulfillmentPolicy;
  blockAmzl: boolean;
  unbranded: boolean;
  destination: Destination;
  items: FulfillmentItem[];
};

/**
 * Why the provider refused an order or a change of one. `opaque` is a refusal without a usable text.
 * `too_late`: work on it has begun.
 */
export type ProviderRefusal = {
  reason: 'sku_unknown' | 'address_refused' | 'no_stock' | 'value_refused' | 'too_late' | 'config' | 'opaque';
  /** Parameter names and reason words only, never a value of the address. */
  message: string;
  /** Our item id, when the provider named one. */
  itemId?: string | undefined;
};

export type SubmitOutcome =
  | { kind: 'accepted' }
  /** The id is taken: look, compare, adopt. */
  | { kind: 'already_exists' }
  | { kind: 'refused'; refusal: ProviderRefusal };

export type FulfillmentState =
  | 'submitted'
  | 'accepted'
  | 'planning'
  | 'processing'
  | 'complete'
  | 'partial'
  | 'cancelled'
  | 'unfulfillable'
  | 'invalid'
  | 'unknown';

export type FulfillmentPackage = {
  /** Unique in the fulfillment and stable over reads. */
  packageKey: string;
  shipmentState: 'pending' | 'shipped' | 'cancelled' | 'unknown';
  /** When it left, or is expected to. */
  shippedAtMs?: number | null;
  carrierCode: string | null;
  carrierTracking: string | null;
  /** AFTN: Amazon's own number, which exists before a carrier is chosen. */
  amazonTracking: string | null;
  contents: { itemId: string; amazonSku: string; quantity: number }[];
};

/** What the provider says about a fulfillment now. Times are Unix milliseconds. */
export type Fulfillment = {
  fulfillmentId: string;
  state: FulfillmentState;
  rawState: string;
  receivedAtMs: number | null;
  updatedAtMs: number | null;
  items: (FulfillmentItem & {
    cancelledQuantity: number;
    unfulfillableQuantity: number;
    expectedShipAtMs: number | null;
    expectedArrivalAtMs: number | null;
  })[];
  packages: FulfillmentPackage[];
  expectedReturns: ExpectedReturn[];
  /** As sent at create. Only to be compared, never stored. */
  destination: Destination | null;
};

/** One unit that comes back. */
export type ReturnItem = {
  /** Ours, the same whenever the same unit is planned again: it makes the call repeatable. At most 80 characters. */
  returnItemId: string;
  /** The item's id at create. */
  itemId: string;
  shipmentId: string;
  reasonCode: string;
};

/** A unit that the provider expects back. `rmaId` names the return authorization, when it gave one. */
export type ExpectedReturn = { returnItemId: string; rmaId: string | null };

export type ReturnItemRefusal = {
  returnItemId: string;
  reason: 'already_there' | 'not_shipped' | 'nothing_returnable' | 'values' | 'unknown';
  /** The provider's own code. */
  remoteCode: string;
};

/** An answer may accept some units and refuse others, or all of them. */
export type ReturnOutcome =
  | { kind: 'answered'; accepted: ExpectedReturn[]; refused: ReturnItemRefusal[] }
  | { kind: 'refused'; refusal: ProviderRefusal };

export type ChangedFulfillment = {
  fulfillmentId: string;
  state: FulfillmentState;
  rawState: string;
  updatedAtMs: number | null;
};

export type StockLevel = {
  amazonSku: string;
  /** Units that can be picked, packed and shipped now. */
  fulfillable: number;
  /** When the provider last changed the figures. */
  updatedAtMs: number | null;
};

export type PreviewRequest = Pick<FulfillmentRequest, 'destination' | 'items' | 'blockAmzl' | 'unbranded'> & {
  speeds: ShippingSpeed[];
};

export type Preview = {
  speed: string;
  isFulfillable: boolean;
  latestShipAtMs: number | null;
  latestArrivalAtMs: number | null;
  /** Sum of the fees as a decimal string; null where the provider gives none. */
  fee: { currency: string; value: string } | null;
  problems: string[];
};

/**
 * Who ships. Reads throw `UpstreamError`; effects throw it when their outcome is not a plain refusal (`stage` tells
 * whether the effect may have happened). No method repeats a write by itself, except once after a refused token.
 */
export type FulfillmentProvider = {
  readonly name: string;
  preview(request: PreviewRequest): Promise<Preview[]>;
  submit(request: FulfillmentRequest): Promise<SubmitOutcome>;
  /** Null: the provider does not know the id (which may only mean: not yet). */
  fetch(fulfillmentId: string): Promise<Fulfillment | null>;
  /** Pages of fulfillments whose status changed since. A safety net: it may miss some. */
  listChanged(sinceMs: number): AsyncGenerator<ChangedFulfillment[]>;
  /** Asks for cancellation; only a later `fetch` proves it. */
  cancel(
    fulfillmentId: string,
  ): Promise<{ kind: 'requested' } | { kind: 'refused'; refusal: ProviderRefusal }>;
  /** Releases an order created on hold. */
  release(
    fulfillmentId: string,
  ): Promise<{ kind: 'released' } | { kind: 'refused'; refusal: ProviderRefusal }>;
  /** Reason codes that a return of this SKU may name. */
  returnReasons(amazonSku: string): Promise<string[]>;
  createReturn(fulfillmentId: string, items: readonly ReturnItem[]): Promise<ReturnOutcome>;
  /** Stock of these SKUs; one the provider does not know is absent. */
  fetchStock(amazonSkus: readonly string[]): Promise<Map<string, StockLevel>>;
  /**
   * Pages of all stock. Take page after page without other work between: at Amazon the way to the next one is lost
   * after 30 s. A SKU may come twice; one that is missing may still be known to `fetchStock`.
   */
  listStock(): AsyncGenerator<StockLevel[]>;
  /**
   * Creates that the quota lets out within so many milliseconds, now where none are given. None while the provider is
   * away, one while it is not known whether it is back.
   */
  createCapacity(withinMs?: number): number;
  /** Status reads, in the same way. */
  readCapacity(withinMs?: number): number;
};
