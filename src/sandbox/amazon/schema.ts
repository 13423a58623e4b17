import { z } from 'zod';

export const TEXTS = {
  date: 'timestamp must follow ISO8601',
  money: 'missing value for decimal type',
} as const;

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/;

/** A date with time and zone that exists. */
export const isIsoDate = (text: string): boolean => ISO_8601.test(text) && !Number.isNaN(Date.parse(text));

const MAX_LINES = 100;
const MAX_UNITS = 250;
const MAX_INT32 = 2_147_483_647;

const LATIN_1 = /^[\u0020-\u007E\u00A0-\u00FF]*$/;

/** ISO 8859-1 without control characters. */
export const isLatin1 = (text: string): boolean => LATIN_1.test(text);

const text = (max?: number) => (max === undefined ? z.string().min(1) : z.string().min(1).max(max));
const timestamp = z.string({ error: TEXTS.date }).refine(isIsoDate, TEXTS.date);
const money = z.looseObject({
  currencyCode: text(3),
  value: z.string({ error: TEXTS.money }).regex(/^-?\d+(\.\d+)?$/, TEXTS.money),
});
const quantity = z.int().min(1).max(MAX_INT32);
const speed = z.enum(['Standard', 'Expedited', 'Priority', 'ScheduledDelivery']);
const features = z.array(
  z.looseObject({ featureName: text(), featureFulfillmentPolicy: z.enum(['Required', 'NotRequired']) }),
);

export const Address = z.looseObject({
  name: text(),
  addressLine1: text(),
  addressLine2: z.string().optional(),
  addressLine3: z.string().optional(),
  city: z.string().optional(),
  districtOrCounty: z.string().optional(),
  stateOrRegion: z.string().optional(),
  postalCode: text(),
  countryCode: z.string().regex(/^[A-Z]{2}$/),
  phone: z.string().optional(),
});
export type Address = z.infer<typeof Address>;

const lineShape = {
  sellerSku: text(50),
  sellerFulfillmentOrderItemId: text(50),
  quantity,
  perUnitDeclaredValue: money.optional(),
};

export const CreateLine = z.looseObject({
  ...lineShape,
  giftMessage: z.string().max(512).optional(),
  displayableComment: z.string().max(250).optional(),
  fulfillmentNetworkSku: z.string().optional(),
  perUnitPrice: money.optional(),
  perUnitTax: money.optional(),
});

const linesOf = <Line extends z.ZodType<{ quantity: number }>>(line: Line) =>
  z
    .array(line)
    .min(1)
    .max(MAX_LINES)
    .refine((lines) => lines.reduce((sum, { quantity }) => sum + quantity, 0) <= MAX_UNITS);

const displayableOrderId = text(40).refine((id) => isLatin1(id) && !id.trim().includes('  '));
const displayableOrderComment = text(750).refine(isLatin1);

const optionalParts = {
  fulfillmentAction: z.enum(['Ship', 'Hold']).optional(),
  fulfillmentPolicy: z.enum(['FillOrKill', 'FillAll', 'FillAllAvailable']).optional(),
  shipFromCountryCode: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
  notificationEmails: z.array(z.string().max(64)).optional(),
  featureConstraints: features.optional(),
};

const codSettings = z.looseObject({
  isCodRequired: z.boolean(),
  codCharge: money.optional(),
  codChargeTax: money.optional(),
  shippingCharge: money.optional(),
  shippingChargeTax: money.optional(),
});

const deliveryPreferences = z.looseObject({
  deliveryInstructions: z.string().max(250).optional(),
  dropOffLocation: z
    .looseObject({
      type: z.enum([
        'FRONT_DOOR',
        'DELIVERY_BOX',
        'GAS_METER_BOX',
        'BICYCLE_BASKET',
        'GARAGE',
        'RECEPTIONIST',
        'FALLBACK_NEIGHBOR_DELIVERY',
        'DO_NOT_LEAVE_UNATTENDED',
      ]),
      attributes: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});

export const CreateBody = z.looseObject({
  marketplaceId: text(),
  sellerFulfillmentOrderId: text(40),
  displayableOrderId,
  displayableOrderDate: timestamp,
  displayableOrderComment,
  shippingSpeedCategory: speed,
  destinationAddress: Address,
  deliveryWindow: z.looseObject({ startDate: timestamp, endDate: timestamp }).optional(),
  deliveryPreferences: deliveryPreferences.optional(),
  codSettings: codSettings.optional(),
  ...optionalParts,
  items: linesOf(CreateLine),
  paymentInformation: z
    .array(z.looseObject({ paymentTransactionId: text(), paymentMode: text(), paymentDate: timestamp }))
    .optional(),
});
export type CreateBody = z.infer<typeof CreateBody>;

export const UpdateBody = z.looseObject({
  marketplaceId: z.string().optional(),
  displayableOrderId: displayableOrderId.optional(),
  displayableOrderDate: timestamp.optional(),
  displayableOrderComment: displayableOrderComment.optional(),
  shippingSpeedCategory: speed.optional(),
  destinationAddress: Address.optional(),
  ...optionalParts,
  items: z
    .array(
      z.looseObject({
        sellerFulfillmentOrderItemId: text(50),
        quantity: z.int().min(0).max(MAX_INT32),
        giftMessage: z.string().max(512).optional(),
        displayableComment: z.string().max(250).optional(),
        perUnitDeclaredValue: money.optional(),
      }),
    )
    .optional(),
});
export type UpdateBody = z.infer<typeof UpdateBody>;

export const PreviewBody = z.looseObject({
  marketplaceId: text().optional(),
  address: Address,
  items: linesOf(z.looseObject(lineShape)),
  shippingSpeedCategories: z.array(speed).optional(),
  includeCODFulfillmentPreview: z.boolean().optional(),
  includeDeliveryWindows: z.boolean().optional(),
  featureConstraints: features.optional(),
});
export type PreviewBody = z.infer<typeof PreviewBody>;

export const ReturnBody = z.looseObject({
  items: z
    .array(
      z.looseObject({
        sellerReturnItemId: text(80),
        sellerFulfillmentOrderItemId: text(),
        amazonShipmentId: text(),
        returnReasonCode: text(),
        returnComment: z.string().max(1000).optional(),
      }),
    )
    .min(1),
});
export type ReturnBody = z.infer<typeof ReturnBody>;
