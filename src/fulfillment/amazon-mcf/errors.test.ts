import { describe, expect, test } from 'vitest';
import { amazonFixture } from '../../../test/amazon-setup.ts';
import { faultOf, refusalOf, remoteErrors, toProviderRefusal } from './errors.ts';
import type { AmazonOperation } from './limits.ts';

type Envelope = { errors: { code: string; message: string; details: string }[] };
type StaticCase = { case: string; operationId: string; status: number; response: Envelope };
type ErrorCase = { id: string; status: number; body: Envelope };

const invalid = (message: string, details = '') => [{ code: 'InvalidInput', message, details }];
const refusal = (message: string, operation: AmazonOperation = 'createFulfillmentOrder', status = 400) =>
  refusalOf(operation, { status, headers: { 'x-amzn-requestid': 'r-1' }, text: '' }, invalid(message));

describe('the texts of Amazon’s former static sandbox', () => {
  const expected: Record<string, string> = {
    'getFulfillmentPreview-400-1': 'missingField',
    'listAllFulfillmentOrders-400-1': 'dateShape',
    'createFulfillmentOrder-400-1': 'duplicate',
    'createFulfillmentOrder-400-2': 'badValue',
    'getPackageTrackingDetails-400-1': 'opaque',
    'listReturnReasonCodes-400-1': 'missingField',
    'createFulfillmentReturn-400-1': 'noStock',
    'getFulfillmentOrder-400-1': 'notFound',
    'updateFulfillmentOrder-400-1': 'tooLate',
    'cancelFulfillmentOrder-400-1': 'cancelAlreadyRequested',
    'getFeatures-400-1': 'config',
    'getFeatureInventory-400-1': 'config',
    'getFeatureSKU-400-1': 'config',
  };
  const { cases } = amazonFixture('static-sandbox-cases') as { cases: StaticCase[] };
  const refused = cases.filter((entry) => entry.status === 400);

  test('every refusal among them is expected here', () => {
    expect(refused.map((entry) => entry.case).toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  test.each(refused)('$case is classified', (entry) => {
    const errors = remoteErrors(entry.response);
    const found = refusalOf(
      entry.operationId as AmazonOperation,
      { status: 400, headers: {}, text: '' },
      errors,
    );

    expect(found.class).toBe(expected[entry.case]);
  });
});

describe('the texts of public reports', () => {
  const cases = amazonFixture('error-envelopes') as ErrorCase[];
  const of = (id: string) => {
    const entry = cases.find((candidate) => candidate.id === id)!;
    return refusalOf(
      'createFulfillmentOrder',
      { status: entry.status, headers: {}, text: '' },
      entry.body.errors,
    );
  };

  test('an unknown SKU names our item', () => {
    expect(toProviderRefusal(of('invalid-sku'))).toEqual({
      reason: 'sku_unknown',
      message: 'Amazon does not know the SKU in this marketplace',
      itemId: '577086512123755123',
    });
  });

  test.each([
    { id: 'missing-address-parts', reason: 'address_refused', message: 'PostalCode, City: missing' },
    { id: 'invalid-country', reason: 'address_refused', message: 'CountryCode: InvalidValue' },
    { id: 'opaque', reason: 'opaque', message: 'Amazon gave no reason' },
    { id: 'money-shape', reason: 'value_refused', message: 'an amount of money is malformed' },
    { id: 'not-updatable', reason: 'too_late', message: 'Amazon has begun to work on the order' },
    { id: 'cancel-twice', reason: 'too_late', message: 'cancellation was asked for before' },
  ])('$id becomes $reason', ({ id, reason, message }) => {
    expect(toProviderRefusal(of(id))).toEqual({ reason, message });
  });
});

describe('what a refusal says is safe to show and to store', () => {
  test.each([
    'Value 12 Secret Lane for parameter DestinationAddress.AddressLine1 is invalid. Reason: TooLong.',
    'Value Jane for parameter Secret Lane for parameter AddressLine2 is invalid. Reason: InvalidValue.',
    'Value Secret\nLane for parameter Name is invalid. Reason: InvalidValue.',
  ])('a refused address part is named without its value: %s', (message) => {
    const told = toProviderRefusal(refusal(message));

    expect(told.reason).toBe('address_refused');
    expect(told.message).not.toMatch(/Secret|Jane/);
  });

  test('a name that is not shaped like a parameter is not repeated', () => {
    expect(refusal('Value x for parameter 12 Secret Lane! is invalid. Reason: Bad.').message).toBe(
      'a parameter Amazon did not name: Bad',
    );
    expect(refusal('The following required parameters are missing: []').message).toBe(
      'a parameter Amazon did not name: missing',
    );
  });

  test('an unknown text is kept back', () => {
    const found = refusal('Please deliver to 12 Secret Lane');

    expect(found.class).toBe('unknown');
    expect(toProviderRefusal(found).reason).toBe('opaque');
    expect(found.message).not.toContain('Secret');
  });

  test('an item id that cannot be ours is left out', () => {
    expect(refusal('the SellerSKU for Item Id: 12 Secret Lane is invalid.')).not.toHaveProperty('itemId');
  });

  test('a code that is no code is left out', () => {
    const odd = [{ code: '12 Secret Lane', message: '', details: '' }];

    expect(
      refusalOf('createFulfillmentOrder', { status: 400, headers: {}, text: '' }, odd).remoteCode,
    ).toBeUndefined();
  });
});

describe('classification', () => {
  test.each([
    { message: 'Value -1 for parameter Quantity is invalid. Reason: InvalidValue.', reason: 'value_refused' },
    { message: 'The request must contain the parameter Items', reason: 'value_refused' },
    { message: 'No inventory available for Items.', reason: 'no_stock' },
    { message: 'TIMESTAMP must follow ISO8601', reason: 'value_refused' },
    { message: 'The request must contain a valid marketplace.', reason: 'config' },
    { message: "Requested order 'TTS-1' not found", reason: 'opaque' },
    { message: 'Value  for parameter FeatureName is invalid. Reason: Bad.', reason: 'value_refused' },
  ])('$message becomes $reason', ({ message, reason }) => {
    expect(toProviderRefusal(refusal(message)).reason).toBe(reason);
  });

  test('a duplicate is seen in looser words', () => {
    expect(refusal('An order with this id ALREADY EXISTS.').class).toBe('duplicate');
  });

  test('of several errors the one first in the table decides, in details too', () => {
    const errors = [...invalid('Invalid Input'), ...invalid('', 'the SellerSKU for Item Id: 7 is invalid.')];

    expect(refusalOf('createFulfillmentOrder', { status: 400, headers: {}, text: '' }, errors)).toMatchObject(
      {
        class: 'badSku',
        itemId: '7',
      },
    );
  });

  test('a 404 about an order means the order is not known; elsewhere it does not', () => {
    expect(refusal('whatever', 'getFulfillmentOrder', 404).class).toBe('notFound');
    expect(refusal('whatever', 'createFulfillmentOrder', 404).class).toBe('unknown');
  });

  test('an answer without readable errors is opaque', () => {
    expect(
      refusalOf('createFulfillmentOrder', { status: 400, headers: {}, text: '<html>' }, []),
    ).toMatchObject({
      class: 'opaque',
      message: 'Amazon gave no readable reason',
    });
  });
});

describe('faults', () => {
  test.each([
    { status: 401, code: 'Unauthorized', fault: 'upstream_auth_refused' },
    { status: 403, code: 'MissingAuthenticationToken', fault: 'upstream_auth_refused' },
    { status: 408, code: '', fault: 'upstream_unavailable' },
    { status: 429, code: 'QuotaExceeded', fault: 'upstream_throttled' },
    { status: 500, code: 'InternalFailure', fault: 'upstream_unavailable' },
    { status: 503, code: 'ServiceUnavailable', fault: 'upstream_unavailable' },
    { status: 504, code: '', fault: 'upstream_unavailable' },
    { status: 599, code: '', fault: 'upstream_unavailable' },
    { status: 302, code: '', fault: 'upstream_malformed' },
    { status: 200, code: 'QuotaExceeded', fault: 'upstream_throttled' },
    { status: 200, code: 'InternalFailure', fault: 'upstream_unavailable' },
    { status: 200, code: 'Unauthorized', fault: 'upstream_auth_refused' },
  ])('$status $code is $fault', ({ status, code, fault }) => {
    expect(faultOf(status, [{ code, message: '', details: '' }])?.code).toBe(fault);
  });

  test.each([200, 202, 400, 404, 413, 415, 422])('%i by itself is none', (status) => {
    expect(faultOf(status, [])).toBeNull();
  });

  test('a 200 with a refusal in it is no fault', () => {
    expect(faultOf(200, invalid('Invalid Input'))).toBeNull();
  });

  test.each([
    { details: 'The access token you provided has expired.', says: 'the access token has expired' },
    {
      details: 'The access token you provided is revoked, malformed or invalid.',
      says: 'revoked, malformed',
    },
    { details: 'Access token is missing in the request header.', says: 'is missing' },
    { details: '', says: 'role missing, wrong region' },
  ])('a refused access says why: $says', ({ details, says }) => {
    const fault = faultOf(403, [
      { code: 'Unauthorized', message: 'Access to requested resource is denied.', details },
    ]);

    expect(fault?.message).toContain(says);
    expect(fault?.freshTokenMayHelp).toBe(true);
  });

  test('a fresh token does not help a wrong signature', () => {
    expect(faultOf(403, [{ code: 'InvalidSignature', message: '', details: '' }])?.freshTokenMayHelp).toBe(
      false,
    );
  });
});

test('errors are read from any body without failing', () => {
  expect(remoteErrors(undefined)).toEqual([]);
  expect(remoteErrors([])).toEqual([]);
  expect(remoteErrors({ errors: null })).toEqual([]);
  expect(remoteErrors({ errors: [null, { code: 7 }] })).toEqual([
    { code: '', message: '', details: '' },
    { code: '', message: '', details: '' },
  ]);
});
