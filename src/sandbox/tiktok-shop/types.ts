/** The order's states at TikTok; the webhook says `CANCEL` where the API says `CANCELLED`. */
export type OrderStatus =
  | 'UNPAID'
  | 'ON_HOLD'
  | 'AWAITING_SHIPMENT'
  | 'PARTIALLY_SHIPPING'
  | 'AWAITING_COLLECTION'
  | 'IN_TRANSIT'
  | 'DELIVERED'
  | 'COMPLETED'
  | 'CANCELLED';

/** What a test says about a recipient. `raw` is laid over the rendered `recipient_address` last. */
export type SandboxAddress = {
  name: string;
  firstName: string;
  lastName: string;
  phone: string;
  addressLine1: string;
  addressLine2: string;
  city: string;
  county: string;
  state: string;
  country: string;
  regionCode: string;
  postalCode: string;
  postTown?: string;
  dropOffLocation?: string;
  raw?: Record<string, unknown>;
};

export type SandboxShop = { id: string; name: string; region: string; cipher: string; code: string };

/** Who authorises: one seller, whose token acts for all of their shops. */
export type SandboxSeller = {
  openId: string;
  name: string;
  /** 0 a seller, 1 a creator, 3 a partner. */
  userType: number;
  /** Change it at any time; a new authorisation grants what it says then. */
  scopes: string[];
  shops: SandboxShop[];
};

/** An address that one topic of a shop is sent to. */
export type Registration = { address: string; createTime: number; updateTime: number };

export type Warehouse = {
  id: string;
  name: string;
  type: 'SALES_WAREHOUSE' | 'RETURN_WAREHOUSE';
  /** Absent: it is enabled. */
  status?: 'DISABLED' | 'RESTRICTED';
};

export type ShippingProvider = { id: string; name: string };

export type Line = {
  id: string;
  skuId: string;
  productId: string;
  sellerSku: string;
  status: OrderStatus;
  packageId: string | null;
  cancelUser: string | null;
  cancelReason: string | null;
  overrides: Record<string, unknown>;
};

export type Order = {
  id: string;
  status: OrderStatus;
  createTime: number;
  paidTime: number | null;
  updateTime: number;
  completedTime: number | null;
  cancelTime: number | null;
  /** Whether this order goes through the remorse hour; that is TikTok's `is_on_hold_order`. */
  holds: boolean;
  holdEndsMs: number | null;
  shippingType: 'SELLER' | 'TIKTOK';
  fulfillmentType: string;
  deliveryOptionId: string;
  warehouseId: string;
  address: SandboxAddress;
  addressUpdated: boolean;
  cancelInitiator: 'BUYER' | 'SELLER' | 'SYSTEM' | null;
  cancelReason: string | null;
  correctionsUsed: number;
  cancellationIds: string[];
  lines: Line[];
  overrides: Record<string, unknown>;
};

export type Package = {
  id: string;
  orderId: string;
  lineIds: string[];
  trackingNumber: string;
  providerId: string;
  status: 'PROCESSING' | 'FULFILLING' | 'COMPLETED' | 'CANCELLED';
  createTime: number;
  updateTime: number;
  /** Who marked it as shipped: the connector through the API, or a person in Seller Center. */
  source: 'api' | 'seller-center';
};

export type CancelStatus =
  | 'CANCELLATION_REQUEST_PENDING'
  | 'CANCELLATION_REQUEST_SUCCESS'
  | 'CANCELLATION_REQUEST_CANCEL'
  | 'CANCELLATION_REQUEST_COMPLETE';

export type Cancellation = {
  id: string;
  orderId: string;
  type: 'CANCEL' | 'BUYER_CANCEL';
  status: CancelStatus;
  role: 'BUYER' | 'SELLER' | 'SYSTEM';
  reason: string;
  createTime: number;
  updateTime: number;
  deadlineMs: number | null;
  lineIds: string[];
  idempotencyKeys: string[];
  answeredBy: 'api' | 'system' | 'seller-center' | null;
};

export type ReturnStatus =
  | 'RETURN_OR_REFUND_REQUEST_PENDING'
  | 'REPLACEMENT_REQUEST_PENDING'
  | 'AWAITING_BUYER_SHIP'
  | 'BUYER_SHIPPED_ITEM'
  | 'REFUND_OR_RETURN_REQUEST_REJECT'
  | 'REPLACEMENT_REQUEST_REJECT'
  | 'REJECT_RECEIVE_PACKAGE'
  | 'RETURN_OR_REFUND_REQUEST_SUCCESS'
  | 'RETURN_OR_REFUND_REQUEST_CANCEL'
  | 'RETURN_OR_REFUND_REQUEST_COMPLETE'
  | 'REPLACEMENT_REQUEST_CANCEL'
  | 'REPLACEMENT_REQUEST_COMPLETE';

export type ReturnType = 'REFUND' | 'RETURN_AND_REFUND' | 'REPLACEMENT';

export type ReturnRequest = {
  id: string;
  orderId: string;
  type: ReturnType;
  status: ReturnStatus;
  reason: string;
  /** The buyer's own words, which a connector has no use for. */
  reasonText: string;
  buyerKeepsItem: boolean;
  createTime: number;
  updateTime: number;
  /** What the seller owes and until when. */
  nextAction: { action: string; deadlineMs: number } | null;
  lineIds: string[];
  idempotencyKeys: string[];
};

export type StockLevel = { available: number; committed: number };

export type BundlePart = { sellerSku: string; count: number };

export type Sku = {
  id: string;
  sellerSku: string;
  /** Per warehouse; a bundle has no stock of its own. */
  stock: Map<string, StockLevel>;
  bundle: BundlePart[];
};

export type Product = {
  id: string;
  title: string;
  status: string;
  createTime: number;
  updateTime: number;
  skus: Sku[];
};

/** One successful ship call of the API. */
export type ShipReport = {
  orderId: string;
  lineIds: string[];
  packageId: string;
  trackingNumber: string;
  providerId: string;
  warning: string | null;
  at: number;
};

/** One accepted correction of a tracking number. */
export type TrackingCorrection = {
  orderId: string;
  packageId: string;
  from: string;
  to: string;
  providerId: string;
  at: number;
};

/** One quantity accepted by the inventory update call. */
export type StockPush = {
  productId: string;
  skuId: string;
  sellerSku: string;
  warehouseId: string;
  quantity: number;
  at: number;
};

/** One API call; `status` and `code` are what was decided, even where a fault kept the answer back. */
export type CallRecord = {
  operation: string;
  at: number;
  status: number | null;
  code: number | null;
  /** The orders the call asked about, changed or returned. */
  orderIds: string[];
  fault: string | null;
};

/** Something a correct client would never have done. */
export type Violation = { at: number; operation: string; message: string };

/** What the sheet leaves open or what differs between shops; change a field at any time. */
export type SandboxSettings = {
  holdSeconds: number;
  /** Whether new orders get the remorse hour (every installed app has declared support for it). */
  holdPhase: boolean;
  maskStyle: 'stars' | 'empty';
  addressEditBumpsUpdateTime: boolean;
  rotateRefreshToken: boolean;
  refreshKillsOldAccessToken: boolean;
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  rateLimitPerSecond: number;
  /** A number that does not look like its provider's: documented as a warning, sometimes refused (21004015). */
  trackingMismatch: 'warn' | 'refuse' | 'ignore';
  allowZeroQuantity: boolean;
  /** Products locked for a promotion: stock may not go below what it is now (12052393). */
  lockedProducts: Set<string>;
  /** Whether a product search shows what bundles consist of; documented for the product's detail only. */
  searchShowsBundles: boolean;
  cancelAnswerSeconds: number;
  returnAnswerSeconds: number;
  replacementAnswerSeconds: number;
  maxOrdersPerTrackingNumber: number;
  correctionWindowSeconds: number;
  /** Only topics with a registered address are sent; else those of Partner Center are, which is all of them. */
  needsRegistration: boolean;
  /** HTTP status of refusals; the sheet documents only 429 and 503. */
  refusalHttpStatus: number;
};
