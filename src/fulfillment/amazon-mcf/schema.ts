import { z } from 'zod';

/*
 * Only what is used. Amazon's own examples break their schema: `null` for absent, upper-case statuses, extra and
 * missing fields; so identifiers and quantities are held to it and everything else may be missing.
 */

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null);
const listOf = <T extends z.ZodType>(schema: T) =>
  z
    .array(schema)
    .nullish()
    .transform((value) => value ?? []);

/** A long number kept as a number would be refused for its form alone. */
const text = optional(z.union([z.string(), z.number().transform(String)]));
const count = z.number().int();
const countOrZero = optional(count).transform((value) => value ?? 0);
/** Unique over the seller; 0 or missing until packed. */
const packageNumber = text.transform((value) =>
  value === null || value === '' || value === '0' ? null : value,
);

const ISO_WITHOUT_ZONE = /T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

/** Unix milliseconds; null for a missing or unreadable date. A time without a zone is UTC. */
const time = text.transform((value) => {
  if (value === null) return null;
  const ms = Date.parse(ISO_WITHOUT_ZONE.test(value) ? `${value}Z` : value);
  return Number.isNaN(ms) ? null : ms;
});

export const Address = z.object({
  name: text,
  addressLine1: text,
  addressLine2: text,
  addressLine3: text,
  city: text,
  districtOrCounty: text,
  stateOrRegion: text,
  postalCode: text,
  countryCode: text,
  phone: text,
});
export type Address = z.infer<typeof Address>;

const OrderHead = z.object({
  sellerFulfillmentOrderId: z.string().min(1),
  fulfillmentOrderStatus: text,
  receivedDate: time,
  statusUpdatedDate: time,
  destinationAddress: optional(Address),
});

const OrderItem = z.object({
  sellerSku: z.string(),
  sellerFulfillmentOrderItemId: z.string(),
  quantity: count,
  cancelledQuantity: countOrZero,
  unfulfillableQuantity: countOrZero,
  estimatedShipDate: time,
  estimatedArrivalDate: time,
});

const ShipmentItem = z.object({
  sellerSku: z.string(),
  sellerFulfillmentOrderItemId: z.string(),
  quantity: count,
  packageNumber,
});

const ShipmentPackage = z.object({
  packageNumber,
  carrierCode: text,
  trackingNumber: text,
  amazonFulfillmentTrackingNumber: text,
});
export type ShipmentPackage = z.infer<typeof ShipmentPackage>;

const Shipment = z.object({
  amazonShipmentId: z.string().min(1),
  fulfillmentShipmentStatus: text,
  shippingDate: time,
  fulfillmentShipmentItem: listOf(ShipmentItem),
  fulfillmentShipmentPackage: listOf(ShipmentPackage),
});
export type Shipment = z.infer<typeof Shipment>;

/** An authorization holds an address of Amazon's; only its ids are read. */
const returnParts = {
  returnItems: listOf(z.object({ sellerReturnItemId: z.string(), returnAuthorizationId: text })),
  returnAuthorizations: listOf(z.object({ returnAuthorizationId: text, amazonRmaId: text })),
};
const ReturnParts = z.object(returnParts);
export type ReturnParts = z.infer<typeof ReturnParts>;

export const OrderAnswer = z
  .object({
    payload: z.object({
      fulfillmentOrder: OrderHead,
      fulfillmentOrderItems: listOf(OrderItem),
      fulfillmentShipments: listOf(Shipment),
      ...returnParts,
    }),
  })
  .transform((answer) => answer.payload);
export type OrderAnswer = z.infer<typeof OrderAnswer>;

/** The list is a safety net: an entry without an id is passed over. */
const ListedOrder = OrderHead.pick({ fulfillmentOrderStatus: true, statusUpdatedDate: true }).extend({
  sellerFulfillmentOrderId: text,
});

export const ListAnswer = z
  .object({ payload: z.object({ fulfillmentOrders: listOf(ListedOrder), nextToken: text }) })
  .transform((answer) => ({ orders: answer.payload.fulfillmentOrders, nextToken: answer.payload.nextToken }));
export type ListAnswer = z.infer<typeof ListAnswer>;

const Money = z.object({
  currencyCode: z.string(),
  value: z.union([z.string(), z.number()]).transform(String),
});
const Fee = z.object({ amount: Money });
export type Fee = z.infer<typeof Fee>;

const PreviewEntry = z.object({
  shippingSpeedCategory: z.string(),
  isFulfillable: z.boolean(),
  // Null for many sellers since July 2026.
  estimatedFees: optional(z.array(Fee)).catch(null),
  fulfillmentPreviewShipments: listOf(z.object({ latestShipDate: time, latestArrivalDate: time })),
  unfulfillablePreviewItems: listOf(
    z.object({ sellerSku: text, itemUnfulfillableReasons: listOf(z.string()) }),
  ),
  orderUnfulfillableReasons: listOf(z.string()),
});
export type PreviewEntry = z.infer<typeof PreviewEntry>;

export const PreviewAnswer = z
  .object({ payload: z.object({ fulfillmentPreviews: listOf(PreviewEntry) }) })
  .transform((answer) => answer.payload.fulfillmentPreviews);

export const ReasonCodesAnswer = z
  .object({ payload: z.object({ reasonCodeDetails: listOf(z.object({ returnReasonCode: text })) }) })
  .transform((answer) => answer.payload.reasonCodeDetails);
export type ReasonCodesAnswer = z.infer<typeof ReasonCodesAnswer>;

export const ReturnAnswer = z
  .object({
    payload: ReturnParts.extend({
      invalidReturnItems: listOf(
        z.object({
          sellerReturnItemId: z.string(),
          invalidItemReason: optional(z.object({ invalidItemReasonCode: text })),
        }),
      ),
    }),
  })
  .transform((answer) => answer.payload);
export type ReturnAnswer = z.infer<typeof ReturnAnswer>;

const InventorySummary = z.object({
  sellerSku: text,
  lastUpdatedTime: time,
  inventoryDetails: optional(z.object({ fulfillableQuantity: countOrZero })),
});
export type InventorySummary = z.infer<typeof InventorySummary>;

/** The token is beside the payload here, unlike in Outbound. */
export const InventoryAnswer = z
  .object({
    payload: z.object({ inventorySummaries: listOf(InventorySummary) }),
    pagination: optional(z.object({ nextToken: text })),
  })
  .transform((answer) => ({
    summaries: answer.payload.inventorySummaries,
    nextToken: answer.pagination?.nextToken ?? null,
  }));
export type InventoryAnswer = z.infer<typeof InventoryAnswer>;

/** Create, update and cancel answer `{}`: any object is a yes. */
export const WriteAnswer = z.looseObject({}).transform(() => null);
