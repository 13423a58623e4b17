import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import {
  amazonFixture,
  amazonSetup,
  collect,
  fulfillmentRequest,
  LWA,
  MARKETPLACE,
  NOON_MS,
  ORDERS,
  SP_API,
} from '../../../test/amazon-setup.ts';
import { useHttpMock } from '../../../test/http-mock.ts';
import { UpstreamError } from '../../lib/errors.ts';
import { countryOfMarketplace } from './regions.ts';

const mock = useHttpMock();
const INVENTORY = '/fba/inventory/v1/summaries';

const grant = () =>
  mock.scope(LWA).post('/auth/o2/token').reply(200, { access_token: 'Atza|1', expires_in: 3600 });
const api = () => {
  grant();
  return mock.scope(SP_API);
};
const refused = (message: string) => ({ errors: [{ code: 'InvalidInput', message, details: '' }] });
const failure = async (call: Promise<unknown>): Promise<UpstreamError> => {
  const error = await call.then(
    (value: unknown) => value,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UpstreamError);
  return error as UpstreamError;
};

describe('bodies fit Amazon’s published model, with no field it does not know', () => {
  type Schema = { definitions: Record<string, { properties?: object; additionalProperties?: boolean }> };
  const schema = amazonFixture('outbound-requests.schema') as Schema;
  for (const definition of Object.values(schema.definitions))
    if (definition.properties) definition.additionalProperties = false;
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(schema, 'outbound');
  const faultsOf = (name: string, body: unknown) => {
    const validate = ajv.getSchema(`outbound#/definitions/${name}`)!;
    return validate(body) === true ? [] : validate.errors;
  };
  const full = fulfillmentRequest({
    unbranded: true,
    blockAmzl: true,
    destination: {
      ...fulfillmentRequest().destination,
      addressLine2: 'Apt 5B',
      addressLine3: 'Rear',
      districtOrCounty: 'Travis',
      phone: '+15125550100',
    },
  });

  test('create', async () => {
    const bodies: unknown[] = [];
    const keep = (body: unknown) => bodies.push(body) > 0;
    api().post(ORDERS, keep).twice().reply(200, {});
    const { provider } = amazonSetup();

    await provider.submit(fulfillmentRequest());
    await provider.submit(full);

    expect(bodies.map((body) => faultsOf('CreateFulfillmentOrderRequest', body))).toEqual([[], []]);
  });

  test('preview', async () => {
    let sent: unknown;
    api()
      .post(`${ORDERS}/preview`, (body: unknown) => {
        sent = body;
        return true;
      })
      .reply(200, amazonFixture('preview'));

    const previews = await amazonSetup().provider.preview({ ...full, speeds: ['Standard', 'Expedited'] });

    expect(faultsOf('GetFulfillmentPreviewRequest', sent)).toEqual([]);
    expect(sent).toMatchObject({
      marketplaceId: MARKETPLACE,
      shippingSpeedCategories: ['Standard', 'Expedited'],
    });
    expect(previews.map((preview) => preview.isFulfillable)).toEqual([true, false]);
  });

  test('release', async () => {
    let sent: unknown;
    api()
      .put(`${ORDERS}/TTS-1`, (body: unknown) => {
        sent = body;
        return true;
      })
      .reply(200, {});

    await expect(amazonSetup().provider.release('TTS-1')).resolves.toEqual({ kind: 'released' });
    expect(faultsOf('UpdateFulfillmentOrderRequest', sent)).toEqual([]);
  });
});

describe('Amazon’s former static sandbox cases', () => {
  type StaticCase = { case: string; status: number; response: object };
  const { cases } = amazonFixture('static-sandbox-cases') as { cases: StaticCase[] };
  const answer = (name: string): [number, object] => {
    const found = cases.find((entry) => entry.case === name)!;
    return [found.status, found.response];
  };

  test('create: accepted, taken, refused for its address', async () => {
    const scope = api();
    scope.post(ORDERS).reply(...answer('createFulfillmentOrder-200-1'));
    scope.post(ORDERS).reply(...answer('createFulfillmentOrder-400-1'));
    scope.post(ORDERS).reply(...answer('createFulfillmentOrder-400-2'));
    const { provider } = amazonSetup();

    await expect(provider.submit(fulfillmentRequest())).resolves.toEqual({ kind: 'accepted' });
    await expect(provider.submit(fulfillmentRequest())).resolves.toEqual({ kind: 'already_exists' });
    await expect(provider.submit(fulfillmentRequest())).resolves.toEqual({
      kind: 'refused',
      refusal: { reason: 'address_refused', message: 'CountryCode: InvalidValue' },
    });
  });

  test('read: in upper case, with unpacked items; and not found', async () => {
    const scope = api();
    scope.get(`${ORDERS}/FBATestOrder-1`).reply(...answer('getFulfillmentOrder-200-1'));
    scope.get(`${ORDERS}/FBATestOrder-10`).reply(...answer('getFulfillmentOrder-400-1'));
    const { provider } = amazonSetup();

    await expect(provider.fetch('FBATestOrder-1')).resolves.toMatchObject({
      fulfillmentId: 'FBATestOrder-1',
      state: 'processing',
      rawState: 'PROCESSING',
      items: [{ quantity: 1 }, { quantity: 3 }],
      packages: [],
      destination: { city: 'Troy' },
    });
    await expect(provider.fetch('FBATestOrder-10')).resolves.toBeNull();
  });

  test('list: every order, null constraints and all', async () => {
    api()
      .get(ORDERS)
      .query(true)
      .reply(...answer('listAllFulfillmentOrders-200-1'));

    const pages = await collect(amazonSetup().provider.listChanged(0));

    expect(pages).toHaveLength(1);
    expect(pages[0]?.slice(0, 2)).toEqual([
      {
        fulfillmentId: '902-6018020-0202003',
        state: 'accepted',
        rawState: 'RECEIVED',
        updatedAtMs: Date.parse('2020-01-21T21:07:30Z'),
      },
      {
        fulfillmentId: '601-2020200-12345678',
        state: 'complete',
        rawState: 'COMPLETE',
        updatedAtMs: Date.parse('2020-01-24T15:28:27Z'),
      },
    ]);
  });

  test('list and preview refused: an error that no repeat helps', async () => {
    const scope = api();
    scope
      .get(ORDERS)
      .query(true)
      .reply(...answer('listAllFulfillmentOrders-400-1'));
    scope.post(`${ORDERS}/preview`).reply(...answer('getFulfillmentPreview-400-1'));
    const { provider } = amazonSetup();

    await expect(failure(collect(provider.listChanged(0)))).resolves.toMatchObject({
      code: 'upstream_refused',
      retry: 'never',
      remoteCode: 'InvalidInput',
    });
    const fault = await failure(provider.preview({ ...fulfillmentRequest(), speeds: ['Standard'] }));
    expect(fault).toMatchObject({ code: 'upstream_refused', stage: 'before' });
    expect(fault.message).toBe('Amazon getFulfillmentPreview: Address.CountryCode: missing');
  });

  test('preview without a COD flag', async () => {
    api()
      .post(`${ORDERS}/preview`)
      .reply(...answer('getFulfillmentPreview-200-1'));

    await expect(
      amazonSetup().provider.preview({ ...fulfillmentRequest(), speeds: ['Standard'] }),
    ).resolves.toMatchObject([{ isFulfillable: true, fee: { currency: 'USD', value: '19.71' } }]);
  });

  test('cancel: requested, and asked for twice is asked for', async () => {
    const scope = api();
    scope.put(`${ORDERS}/TestOrder-7/cancel`).reply(...answer('cancelFulfillmentOrder-200-1'));
    scope.put(`${ORDERS}/FBATestOrder-11/cancel`).reply(...answer('cancelFulfillmentOrder-400-1'));
    const { provider } = amazonSetup();

    await expect(provider.cancel('TestOrder-7')).resolves.toEqual({ kind: 'requested' });
    await expect(provider.cancel('FBATestOrder-11')).resolves.toEqual({ kind: 'requested' });
  });

  test('release: done, and too late', async () => {
    const scope = api();
    scope.put(`${ORDERS}/FBATestOrder-1`).reply(...answer('updateFulfillmentOrder-200-1'));
    scope.put(`${ORDERS}/FBATestOrder-3`).reply(...answer('updateFulfillmentOrder-400-1'));
    const { provider } = amazonSetup();

    await expect(provider.release('FBATestOrder-1')).resolves.toEqual({ kind: 'released' });
    await expect(provider.release('FBATestOrder-3')).resolves.toMatchObject({
      kind: 'refused',
      refusal: { reason: 'too_late' },
    });
  });
});

describe('submit', () => {
  test('an HTML 400 never reached the service: refused, and nothing of it is repeated', async () => {
    api().post(ORDERS).reply(400, '<html>400 Bad Request</html>');

    await expect(amazonSetup().provider.submit(fulfillmentRequest())).resolves.toEqual({
      kind: 'refused',
      refusal: { reason: 'opaque', message: 'Amazon gave no readable reason' },
    });
  });

  test('errors beside a payload count, with 200 too', async () => {
    api()
      .post(ORDERS)
      .reply(200, { payload: {}, ...refused('the SellerSKU for Item Id: 577086512123755123 is invalid.') });

    await expect(amazonSetup().provider.submit(fulfillmentRequest())).resolves.toMatchObject({
      kind: 'refused',
      refusal: { reason: 'sku_unknown', itemId: '577086512123755123' },
    });
  });

  test('a refusal shows that the side works', async () => {
    const scope = api();
    scope.get(`${ORDERS}/TTS-1`).reply(503, '');
    scope.post(ORDERS).reply(400, refused('Invalid Input'));
    const { provider, side } = amazonSetup();

    await failure(provider.fetch('TTS-1'));
    expect(side.state().state).toBe('failing');
    await provider.submit(fulfillmentRequest());

    expect(side.state().state).toBe('ok');
  });
});

describe('fetch', () => {
  test('a 404 is an order Amazon does not know', async () => {
    api().get(`${ORDERS}/TTS-1`).reply(404, refused('Resource not found'));

    await expect(amazonSetup().provider.fetch('TTS-1')).resolves.toBeNull();
  });

  test('another refusal is not taken for an unknown order', async () => {
    api().get(`${ORDERS}/TTS-1`).reply(400, refused('The request must contain a valid marketplace.'));

    await expect(failure(amazonSetup().provider.fetch('TTS-1'))).resolves.toMatchObject({
      code: 'upstream_config_refused',
      retry: 'never',
    });
  });
});

describe('cancel', () => {
  test.each([
    { what: 'an unknown text', status: 400, body: refused('Cannot cancel this order'), reason: 'too_late' },
    {
      what: 'an order not updatable',
      status: 400,
      body: refused('This order is not updatable.'),
      reason: 'too_late',
    },
    { what: 'an unknown order', status: 404, body: refused(''), reason: 'opaque' },
    { what: 'a page of a gateway', status: 400, body: '<html>', reason: 'opaque' },
  ])('$what is a refusal: $reason', async ({ status, body, reason }) => {
    api().put(`${ORDERS}/TTS-1/cancel`).reply(status, body);

    await expect(amazonSetup().provider.cancel('TTS-1')).resolves.toMatchObject({
      kind: 'refused',
      refusal: { reason },
    });
  });
});

describe('listChanged', () => {
  const page = (id: string, nextToken: string | null) => ({
    payload: { fulfillmentOrders: [{ sellerFulfillmentOrderId: id }], nextToken },
  });
  const queryStartDate = '2026-01-15T12:00:00Z';

  test('every page repeats the date and carries the token encoded once', async () => {
    const scope = api();
    scope.get(`${ORDERS}?queryStartDate=2026-01-15T12%3A00%3A00Z`).reply(200, page('TTS-1', 'a+/b=='));
    scope
      .get(`${ORDERS}?queryStartDate=2026-01-15T12%3A00%3A00Z&nextToken=a%2B%2Fb%3D%3D`)
      .reply(200, page('TTS-2', ''));

    const pages = await collect(amazonSetup().provider.listChanged(NOON_MS + 999));

    expect(pages.flat().map((changed) => changed.fulfillmentId)).toEqual(['TTS-1', 'TTS-2']);
  });

  test('a page is asked for only when the one before was taken', async () => {
    api().get(ORDERS).query({ queryStartDate }).reply(200, page('TTS-1', 'more'));

    const pages = amazonSetup().provider.listChanged(NOON_MS);
    const first = await pages.next();
    await pages.return(undefined);

    expect(first.value).toMatchObject([{ fulfillmentId: 'TTS-1' }]);
  });

  test('a token that comes back ends in an error, not in an endless walk', async () => {
    const scope = api();
    scope.get(ORDERS).query({ queryStartDate }).reply(200, page('TTS-1', 'same'));
    scope.get(ORDERS).query({ queryStartDate, nextToken: 'same' }).reply(200, page('TTS-1', 'same'));

    await expect(failure(collect(amazonSetup().provider.listChanged(NOON_MS)))).resolves.toMatchObject({
      code: 'upstream_malformed',
    });
  });
});

const base = {
  details: 'true',
  granularityType: 'Marketplace',
  granularityId: MARKETPLACE,
  marketplaceIds: MARKETPLACE,
};
const row = (sellerSku: string, fulfillableQuantity: number) => ({
  sellerSku,
  inventoryDetails: { fulfillableQuantity },
});
const answer = (rows: object[], nextToken?: string) => ({
  payload: { inventorySummaries: rows },
  ...(nextToken === undefined ? {} : { pagination: { nextToken } }),
});

/** Lets the held time pass while the quota makes the calls wait. */
const whileTimePasses = async <T>(setup: ReturnType<typeof amazonSetup>, work: Promise<T>): Promise<T> => {
  const ended = Promise.allSettled([work]).then(() => true);
  let isDone = false;
  while (!isDone) isDone = await Promise.race([ended, setup.clock.advance(500).then(() => false)]);
  return work;
};

describe('fetchStock', () => {
  test('nothing asked, nothing sent', async () => {
    await expect(amazonSetup().provider.fetchStock([])).resolves.toEqual(new Map());
  });

  test('pages are walked with all parameters repeated; a SKU Amazon does not know is absent', async () => {
    const scope = api();
    const query = { ...base, sellerSkus: 'MUG-BLUE-12OZ,TEE-BLK-M,GONE' };
    scope.get(INVENTORY).query(query).reply(200, amazonFixture('inventory-page'));
    scope
      .get(INVENTORY)
      .query({ ...query, nextToken: 'seed-EXAMPLE+/token==' })
      .reply(200, answer([], ''));
    const setup = amazonSetup();

    const stock = await whileTimePasses(
      setup,
      setup.provider.fetchStock(['MUG-BLUE-12OZ', 'TEE-BLK-M', 'GONE']),
    );

    expect([...stock.values()].map((level) => [level.amazonSku, level.fulfillable])).toEqual([
      ['MUG-BLUE-12OZ', 41],
      ['TEE-BLK-M', 0],
    ]);
  });

  test('51 SKUs are two calls, one asked twice counts once', async () => {
    const skus = Array.from({ length: 51 }, (_, index) => `S${index}`);
    const scope = api();
    scope
      .get(INVENTORY)
      .query({ ...base, sellerSkus: skus.slice(0, 50).join(',') })
      .reply(200, answer([row('S0', 1)]));
    scope
      .get(INVENTORY)
      .query({ ...base, sellerSkus: 'S50' })
      .reply(200, answer([row('S50', 2)]));
    const setup = amazonSetup();

    const stock = await whileTimePasses(setup, setup.provider.fetchStock([...skus, 'S0']));

    expect([...stock.keys()]).toEqual(['S0', 'S50']);
  });

  test('a SKU with a comma is asked for by itself', async () => {
    const scope = api();
    scope
      .get(INVENTORY)
      .query({ ...base, sellerSku: 'RED,XL' })
      .reply(200, answer([row('RED,XL', 3)]));
    scope
      .get(INVENTORY)
      .query({ ...base, sellerSkus: 'A' })
      .reply(200, answer([row('A', 4)]));
    const setup = amazonSetup();

    const stock = await whileTimePasses(setup, setup.provider.fetchStock(['A', 'RED,XL']));

    expect([stock.get('A')?.fulfillable, stock.get('RED,XL')?.fulfillable]).toEqual([4, 3]);
  });

  test('of two rows of a SKU the smaller counts; rows nobody asked for and rows without figures do not', async () => {
    api()
      .get(INVENTORY)
      .query({ ...base, sellerSkus: 'A,B' })
      .reply(200, answer([row('A', 5), row('A', 2), row('A', 9), row('OTHER', 7), { sellerSku: 'B' }]));

    const stock = await amazonSetup().provider.fetchStock(['A', 'B']);

    expect([...stock]).toEqual([['A', { amazonSku: 'A', fulfillable: 2, updatedAtMs: null }]]);
  });

  test('a failed page fails the whole: half a stock list would read as sold out', async () => {
    const scope = api();
    scope
      .get(INVENTORY)
      .query({ ...base, sellerSkus: 'A' })
      .reply(200, answer([row('A', 5)], 'next'));
    scope
      .get(INVENTORY)
      .query({ ...base, sellerSkus: 'A', nextToken: 'next' })
      .reply(400, refused('Next token is invalid or expired'));
    const setup = amazonSetup();

    await expect(failure(whileTimePasses(setup, setup.provider.fetchStock(['A'])))).resolves.toMatchObject({
      code: 'upstream_refused',
      retry: 'later',
    });
  });
});

describe('listStock', () => {
  test('asks without a SKU filter and walks the pages with all parameters repeated', async () => {
    const scope = api();
    scope.get(INVENTORY).query(base).reply(200, amazonFixture('inventory-page'));
    scope
      .get(INVENTORY)
      .query({ ...base, nextToken: 'seed-EXAMPLE+/token==' })
      .reply(200, answer([row('RED,XL', 3), { sellerSku: 'NO-FIGURES' }], ''));
    const setup = amazonSetup();

    const pages = await whileTimePasses(setup, collect(setup.provider.listStock()));

    expect(pages.map((page) => page.map((level) => [level.amazonSku, level.fulfillable]))).toEqual([
      [
        ['MUG-BLUE-12OZ', 41],
        ['TEE-BLK-M', 0],
      ],
      [['RED,XL', 3]],
    ]);
  });

  test('a token that died on the way ends the walk with an error, not with a short list', async () => {
    const scope = api();
    scope
      .get(INVENTORY)
      .query(base)
      .reply(200, answer([row('A', 5)], 'next'));
    scope
      .get(INVENTORY)
      .query({ ...base, nextToken: 'next' })
      .reply(400, refused('Next token is invalid or expired'));
    const setup = amazonSetup();

    await expect(failure(whileTimePasses(setup, collect(setup.provider.listStock())))).resolves.toMatchObject(
      { code: 'upstream_refused', retry: 'later' },
    );
  });
});

describe('capacity', () => {
  test('creates and reads each start at the published burst less two, and are counted apart', async () => {
    api().post(ORDERS).reply(200, {});
    const { provider } = amazonSetup();

    expect([provider.createCapacity(), provider.readCapacity()]).toEqual([28, 28]);
    await provider.submit(fulfillmentRequest());

    expect([provider.createCapacity(), provider.readCapacity()]).toEqual([27, 28]);
  });

  test('a 429 leaves none', async () => {
    api().post(ORDERS).reply(429, '');
    const { provider } = amazonSetup();

    await failure(provider.submit(fulfillmentRequest()));

    expect(provider.createCapacity()).toBe(0);
  });
});

test('a marketplace has its ISO country, an unknown one has none', () => {
  expect([
    countryOfMarketplace(MARKETPLACE),
    countryOfMarketplace('A1F83G8C2ARO7P'),
    countryOfMarketplace('X'),
  ]).toEqual(['US', 'GB', undefined]);
});

test('the provider has a name', () => {
  expect(amazonSetup().provider.name).toBe('amazon-mcf');
});
