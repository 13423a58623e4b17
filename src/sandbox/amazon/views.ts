import { returnViews } from './return-views.ts';
import { amazonDate, type Order, type Parcel, type Shipment, type World } from './state.ts';

const DAY_MS = 24 * 3_600_000;

/** The order's own part: what was sent, and where it stands. */
export const orderView = (order: Order): object => {
  const { items: _items, ...sent } = order.body;
  return {
    ...sent,
    displayableOrderId: order.body.displayableOrderId.trim(),
    fulfillmentAction: order.held ? 'Hold' : 'Ship',
    fulfillmentPolicy: order.body.fulfillmentPolicy ?? 'FillOrKill',
    receivedDate: amazonDate(order.createdAtMs),
    fulfillmentOrderStatus: order.state,
    statusUpdatedDate: amazonDate(order.updatedAtMs),
    notificationEmails: order.body.notificationEmails ?? [],
    featureConstraints: order.body.featureConstraints ?? null,
  };
};

const itemViews = (world: World, order: Order): object[] =>
  order.items.map((item) => {
    const { sellerSku, sellerFulfillmentOrderItemId, ...sent } =
      order.body.items.find((line) => line.sellerFulfillmentOrderItemId === item.itemId) ?? {};
    const fnSku = world.stock.get(item.sku)?.fnSku;
    return {
      sellerSku: sellerSku ?? item.sku,
      sellerFulfillmentOrderItemId: sellerFulfillmentOrderItemId ?? item.itemId,
      ...sent,
      quantity: item.quantity,
      ...(fnSku === undefined ? {} : { fulfillmentNetworkSku: fnSku }),
      orderItemDisposition: 'Sellable',
      cancelledQuantity: item.cancelled,
      unfulfillableQuantity: item.unfulfillable,
      estimatedShipDate: amazonDate(order.createdAtMs + (order.plan.expectedShipMs ?? DAY_MS)),
      estimatedArrivalDate: amazonDate(order.createdAtMs + 3 * DAY_MS),
    };
  });

const packageView = (order: Order, parcel: Parcel): object => ({
  packageNumber: parcel.packageNumber,
  carrierCode: parcel.carrier,
  ...(parcel.tracked && parcel.tracking !== undefined ? { trackingNumber: parcel.tracking } : {}),
  ...(parcel.aftn === undefined ? {} : { amazonFulfillmentTrackingNumber: parcel.aftn }),
  estimatedArrivalDate: amazonDate(order.createdAtMs + 3 * DAY_MS),
});

const shipmentView = (order: Order, shipment: Shipment): object => {
  const packages = shipment.parcels.filter((parcel) => parcel.numbered);
  const cancelled = shipment.status === 'CANCELLED_BY_SELLER';
  return {
    amazonShipmentId: shipment.shipmentId,
    fulfillmentCenterId: 'DFW7',
    fulfillmentShipmentStatus: shipment.status,
    ...(cancelled ? {} : { shippingDate: amazonDate(shipment.shippedAtMs ?? order.createdAtMs + DAY_MS) }),
    estimatedArrivalDate: amazonDate(order.createdAtMs + 3 * DAY_MS),
    shippingNotes: [],
    fulfillmentShipmentItem: shipment.parcels.flatMap((parcel) =>
      parcel.items.map((item) => ({
        sellerSku: item.sku,
        sellerFulfillmentOrderItemId: item.itemId,
        quantity: item.quantity,
        packageNumber: parcel.numbered ? parcel.packageNumber : 0,
        serialNumber: '',
      })),
    ),
    ...(packages.length > 0 && {
      fulfillmentShipmentPackage: packages.map((parcel) => packageView(order, parcel)),
    }),
  };
};

/** The answer to getFulfillmentOrder. */
export const fullView = (world: World, order: Order): object => ({
  payload: {
    fulfillmentOrder: orderView(order),
    fulfillmentOrderItems: itemViews(world, order),
    fulfillmentShipments: order.shipments.map((shipment) => shipmentView(order, shipment)),
    ...returnViews(order.returns),
  },
});
