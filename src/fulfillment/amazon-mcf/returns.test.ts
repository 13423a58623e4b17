import { describe, expect, test } from 'vitest';
import { amazonFixture, amazonSetup, LWA, MARKETPLACE, ORDERS, SP_API } from '../../../test/amazon-setup.ts';
import { useHttpMock } from '../../../test/http-mock.ts';
import { areaOf } from './limits.ts';

const mock = useHttpMock();
const api = () => {
  mock.scope(LWA).post('/auth/o2/token').reply(200, { access_token: 'Atza|1', expires_in: 3600 });
  return mock.scope(SP_API);
};
const { reasonCodes, accepted } = amazonFixture('returns') as { reasonCodes: object; accepted: object };
const item = {
  returnItemId: 'testReturn11',
  itemId: 'OrderItemID2',
  shipmentId: 'D4yZjWZVN',
  reasonCode: 'CR-DEFECTIVE',
};
const invalid = (sellerReturnItemId: string, invalidItemReasonCode: string) => ({
  sellerReturnItemId,
  sellerFulfillmentOrderItemId: 'OrderItemID2',
  invalidItemReason: { invalidItemReasonCode, description: 'd' },
});

describe('reason codes', () => {
  test('are read for a SKU in the marketplace', async () => {
    api()
      .get('/fba/outbound/2020-07-01/returnReasonCodes')
      .query({ sellerSku: 'MUG +1', marketplaceId: MARKETPLACE })
      .reply(200, reasonCodes);

    const codes = await amazonSetup().provider.returnReasons('MUG +1');

    expect(codes).toHaveLength(12);
    expect(codes).toContain('CR-UNWANTED_ITEM');
  });

  test('a refusal is a fault that no repetition helps', async () => {
    const errors = [
      { code: 'InvalidInput', message: 'The request must contain the parameter sellerSku.', details: '' },
    ];
    api().get('/fba/outbound/2020-07-01/returnReasonCodes').query(true).reply(400, { errors });

    await expect(amazonSetup().provider.returnReasons('A')).rejects.toMatchObject({
      code: 'upstream_refused',
      stage: 'before',
      retry: 'never',
    });
  });
});

describe('createFulfillmentReturn', () => {
  test('sends exactly the documented fields and answers the RMA of each unit', async () => {
    let sent: unknown;
    api()
      .put(`${ORDERS}/TestOrder-6/return`, (body: unknown) => {
        sent = body;
        return true;
      })
      .reply(200, accepted);

    await expect(amazonSetup().provider.createReturn('TestOrder-6', [item])).resolves.toEqual({
      kind: 'answered',
      accepted: [{ returnItemId: 'testReturn11', rmaId: 'D50WttPHRRMA' }],
      refused: [],
    });
    expect(sent).toEqual({
      items: [
        {
          sellerReturnItemId: 'testReturn11',
          sellerFulfillmentOrderItemId: 'OrderItemID2',
          amazonShipmentId: 'D4yZjWZVN',
          returnReasonCode: 'CR-DEFECTIVE',
        },
      ],
    });
  });

  test('a success that holds nothing but refused units says why of each', async () => {
    const invalidReturnItems = [
      invalid('a', 'DuplicateRequest'),
      invalid('b', 'NoCompletedShipItems'),
      invalid('c', 'NoReturnableQuantity'),
      invalid('d', 'InvalidValues'),
      invalid('e', 'Brand new'),
    ];
    api().put(`${ORDERS}/TTS-1/return`).reply(200, { payload: { invalidReturnItems } });

    await expect(amazonSetup().provider.createReturn('TTS-1', [item])).resolves.toEqual({
      kind: 'answered',
      accepted: [],
      refused: [
        { returnItemId: 'a', reason: 'already_there', remoteCode: 'DuplicateRequest' },
        { returnItemId: 'b', reason: 'not_shipped', remoteCode: 'NoCompletedShipItems' },
        { returnItemId: 'c', reason: 'nothing_returnable', remoteCode: 'NoReturnableQuantity' },
        { returnItemId: 'd', reason: 'values', remoteCode: 'InvalidValues' },
        { returnItemId: 'e', reason: 'unknown', remoteCode: 'no code' },
      ],
    });
  });

  test.each([
    ['No inventory available for Items.SellerFulfillmentOrderItemId: FBATestOrder-11.', 'no_stock'],
    ["Requested order 'TTS-1' not found", 'opaque'],
  ])('a refusal of the whole is a value: %s', async (message, reason) => {
    const errors = [{ code: 'InvalidInput', message, details: '' }];
    api().put(`${ORDERS}/TTS-1/return`).reply(400, { errors });

    await expect(amazonSetup().provider.createReturn('TTS-1', [item])).resolves.toMatchObject({
      kind: 'refused',
      refusal: { reason },
    });
  });

  test.each([
    [503, { errors: [{ code: 'ServiceUnavailable' }] }, { code: 'upstream_unavailable', stage: 'during' }],
    [429, { errors: [{ code: 'QuotaExceeded' }] }, { code: 'upstream_throttled', stage: 'before' }],
    [200, { payload: { returnItems: 5 } }, { code: 'upstream_malformed', stage: 'after' }],
    [200, 'no json', { code: 'upstream_malformed', stage: 'after' }],
  ])('%i %j leaves open what it has to leave open', async (status, body, error) => {
    api().put(`${ORDERS}/TTS-1/return`).reply(status, body);

    await expect(amazonSetup().provider.createReturn('TTS-1', [item])).rejects.toMatchObject(error);
  });

  test('the order itself tells which units Amazon expects, without the address of its warehouse', async () => {
    const { payload } = accepted as { payload: object };
    const order = { fulfillmentOrder: { sellerFulfillmentOrderId: 'TTS-1' } };
    api()
      .get(`${ORDERS}/TTS-1`)
      .reply(200, { payload: { ...order, ...payload } });

    const fulfillment = await amazonSetup().provider.fetch('TTS-1');

    expect(fulfillment?.expectedReturns).toEqual([{ returnItemId: 'testReturn11', rmaId: 'D50WttPHRRMA' }]);
    expect(JSON.stringify(fulfillment)).not.toContain('Phoenix');
  });

  test('returns have a side of their own, so that a missing role does not stop the orders', () => {
    expect(areaOf('createFulfillmentReturn')).toBe('returns');
    expect(areaOf('createFulfillmentOrder')).toBe('orders');
  });
});
