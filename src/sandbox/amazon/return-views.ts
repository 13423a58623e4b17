import { amazonDate, type ReturnedUnit } from './state.ts';

/** What Amazon tells of the units it expects back, in the order and in the answer to the call alike. */
export const returnViews = (units: readonly ReturnedUnit[]) => {
  const authorizations = new Map(units.map((unit) => [unit.authorizationId, unit.rmaId]));
  return {
    returnItems: units.map((unit) => ({
      sellerReturnItemId: unit.returnItemId,
      sellerFulfillmentOrderItemId: unit.itemId,
      amazonShipmentId: unit.shipmentId,
      sellerReturnReasonCode: unit.reasonCode,
      status: 'New',
      statusChangedDate: amazonDate(unit.at),
      returnAuthorizationId: unit.authorizationId,
    })),
    returnAuthorizations: [...authorizations].map(([returnAuthorizationId, amazonRmaId]) => ({
      returnAuthorizationId,
      fulfillmentCenterId: 'TUS1',
      returnToAddress: {
        name: 'Returns Department',
        addressLine1: '100 Example Road',
        city: 'Phoenix',
        stateOrRegion: 'AZ',
        countryCode: 'US',
        postalCode: '85043',
      },
      amazonRmaId,
      rmaPageURL: `https://www.example.com/rma/${amazonRmaId}`,
    })),
  };
};
