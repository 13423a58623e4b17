import { describe, expect, test } from 'vitest';
import type { UpstreamError, UpstreamErrorCode } from '../../lib/errors.ts';
import type { ChannelRefusal } from '../channel.ts';
import { answerError, authRefusedError, type CallEffect, quote, refusalIn, shapeError } from './errors.ts';
import samples from './fixtures/errors.json' with { type: 'json' };
import { REMOTE_CLASSES } from './remote-codes.ts';
import type { Envelope } from './schema.ts';

const answer = (
  code: number | null,
  fields: { status?: number; message?: string; effect?: CallEffect; headers?: Record<string, string> } = {},
): UpstreamError => {
  const envelope: Envelope | null =
    code === null
      ? null
      : { code: String(code), message: fields.message ?? 'Said by TikTok', requestId: 'r-1', data: {} };
  const response = { status: fields.status ?? 200, headers: fields.headers ?? {}, text: '' };
  return answerError('markPackageAsShipped', fields.effect ?? 'write', response, envelope);
};

/** Every code of the partner docs that the connector may meet, and what it has to mean. */
const FAULTS: [UpstreamErrorCode, number[]][] = [
  ['upstream_throttled', [36009002]],
  [
    'upstream_unavailable',
    [
      36009003, 10002014, 10002015, 10037002, 10037003, 10037004, 11001031, 11006005, 11006026, 21001008,
      21001011, 21001029, 21001043, 21001055, 21008300, 21022029, 21022030, 21042001, 21042076, 25001028,
      25001058, 25007002,
    ],
  ],
  ['upstream_timeout', [36009007, 11001027, 21001003]],
  ['upstream_token_expired', [105002]],
  ['upstream_auth_refused', [101000, 105005, 106001, 36009033, 36004001, 36004005]],
  ['upstream_config_refused', [36009004, 36009009, 36009010, 36009014, 36009021, 36009022, 36009023, 106013]],
];

const REFUSALS: [ChannelRefusal['reason'], number[]][] = [
  ['already_done', [21008099, 21011006, 21011020, 21042056, 11006021, 21011040, 21011027, 25001011]],
  ['tracking_rejected', [11028006, 21004012, 21004015, 21004016, 21011022, 21022032]],
  ['duplicate_tracking', [21011025, 21034012, 21011026]],
  ['after_sale_pending', [21011007, 21008044]],
  [
    'state_changed',
    [
      21011044, 21011003, 21042057, 21011041, 21011042, 21011012, 21011013, 21008025, 21008042, 21022025,
      21011033, 21011046, 21011043, 25001010, 10007002, 25001045, 25001051, 25011011, 25011012, 25020003,
      25020004, 25020009, 25020010,
    ],
  ],
  ['not_correctable', [21011049, 21011050, 21011051, 21011052, 21011030]],
  [
    'refused',
    [
      21011048, 21011036, 21011029, 21022028, 21008106, 21011004, 21008111, 21011028, 10006402, 21004006,
      21004019, 21004020, 21014009, 21021010, 11021010, 11021011, 11021012, 11021013, 11021014, 11021015,
      11021016, 11021017, 11021018, 11021019, 11021020, 11021021, 11021022, 11021023, 11021024, 11021025,
      21001001, 11050001, 11001002, 21011005, 21008116, 21008117, 25001014, 25001015, 25001020, 25001021,
      25005010, 25005011, 25007006, 25020005, 25001001, 12052055, 12019024, 12019028, 12052533, 12052037,
      12052393, 12052921, 12052141, 12052097, 12052530, 12052531, 12052403, 12052364, 12052532, 12019022,
      12052094, 12052901, 12052032, 12052260, 12052048, 12052556, 12052308, 12052371, 12052990, 12052700,
      12052850, 12019027, 12019087, 12052180,
    ],
  ],
];

const spread = <Key>(table: [Key, number[]][]): { meaning: Key; remote: number }[] =>
  table.flatMap(([meaning, codes]) => codes.map((remote) => ({ meaning, remote })));

describe('documented codes', () => {
  test.each(spread(FAULTS))('$remote is the fault $meaning', ({ meaning, remote }) => {
    const error = answer(remote);

    expect(error.code).toBe(meaning);
    expect(error.remoteCode).toBe(String(remote));
    expect(refusalIn(error)).toBeNull();
  });

  test.each(spread(REFUSALS))('$remote is the refusal $meaning', ({ meaning, remote }) => {
    const error = answer(remote);

    expect(error.stage).toBe('before');
    expect(refusalIn(error)).toEqual({
      reason: meaning,
      remoteCode: String(remote),
      message: error.message,
    });
  });

  test('the table holds these codes and no other', () => {
    const listed = [...spread(FAULTS), ...spread(REFUSALS)].map(({ remote }) => String(remote));

    expect([...REMOTE_CLASSES.keys()].toSorted()).toEqual(listed.toSorted());
    expect(new Set(listed).size).toBe(listed.length);
  });

  test('an inner fault or time-out leaves a write unclear and a read without effect', () => {
    for (const remote of [36009003, 36009007, 21001003, 21042076, 25001058]) {
      expect(answer(remote)).toMatchObject({ stage: 'during', retry: 'later' });
      expect(answer(remote, { effect: 'read' })).toMatchObject({ stage: 'before', retry: 'later' });
    }
  });

  test('refused credentials are tried later, faults of the request never', () => {
    expect(answer(105005).retry).toBe('later');
    expect(answer(106013).retry).toBe('never');
    expect(answer(105002).retry).toBe('now');
    expect(answer(10007002).retry).toBe('later');
  });

  test.each(Object.entries(samples).filter(([name]) => name !== 'note'))(
    'the sample %s is known',
    (_, sample) => {
      if (typeof sample === 'string') throw new Error('a note');

      expect(REMOTE_CLASSES.has(String(sample.code))).toBe(true);
    },
  );
});

describe('the umbrella code 36009004 is told apart by its message', () => {
  test.each([
    [samples.timestamp_out_of_window.message, 'upstream_unavailable', 'later'],
    ['Invalid credentials. The `access_token` is invalid.', 'upstream_auth_refused', 'later'],
    ['Invalid `app_key`.', 'upstream_auth_refused', 'later'],
    ['Missing `sign`.', 'upstream_auth_refused', 'later'],
    ['Unexpected shop_cipher.', 'upstream_config_refused', 'never'],
    ['param body.address is missing', 'upstream_config_refused', 'never'],
  ])('%s', (message, code, retry) => {
    expect(answer(36009004, { message })).toMatchObject({ code, retry, stage: 'before' });
  });
});

describe('answers without a code that we know', () => {
  test.each([
    [429, 'upstream_throttled', 'before'],
    [503, 'upstream_unavailable', 'during'],
    [500, 'upstream_unavailable', 'during'],
    [403, 'upstream_auth_refused', 'before'],
    [401, 'upstream_token_expired', 'before'],
    [404, 'upstream_malformed', 'during'],
    [302, 'upstream_malformed', 'during'],
    [200, 'upstream_malformed', 'during'],
  ] as const)('HTTP %i without an envelope is %s', (status, code, stage) => {
    expect(answer(null, { status })).toMatchObject({ code, stage, httpStatus: status });
  });

  test('HTTP 429 is throttling whatever the code, and 5xx is a fault unless the code is known', () => {
    expect(answer(21011006, { status: 429 }).code).toBe('upstream_throttled');
    expect(answer(999, { status: 502 }).code).toBe('upstream_unavailable');
    expect(answer(21011006, { status: 500 }).code).toBe('upstream_conflict');
    expect(answer(0, { status: 404 }).code).toBe('upstream_malformed');
  });

  test('an unknown code stays visible and is not repeated; its text is not passed on', () => {
    const error = answer(77, { message: 'Jane lives at 1 Main St' });

    expect(error).toMatchObject({ code: 'upstream_refused', retry: 'never', remoteCode: '77' });
    expect(error.message).toContain('77');
    expect(error.message).not.toContain('Jane');
    expect(refusalIn(error)?.reason).toBe('refused');
  });

  test('an unknown code under HTTP 401 is a matter of credentials', () => {
    expect(answer(105999, { status: 401 }).code).toBe('upstream_auth_refused');
  });

  test('the wait that TikTok asks for is kept', () => {
    expect(answer(null, { status: 429, headers: { 'retry-after': '7' } }).retryAfterMs).toBe(7000);
    expect(answer(null, { status: 429, headers: { 'retry-after': 'soon' } }).retryAfterMs).toBeUndefined();
  });
});

describe('what an error says', () => {
  test('a harmless text of TikTok is quoted in one line of at most 200 characters', () => {
    expect(answer(21011006, { message: ' These  orders\nare shipped. ' }).message).toContain(
      'These orders are shipped.',
    );
    expect(quote('x'.repeat(500))).toHaveLength(200);
    expect(answer(21011006, { message: '' }).message).toBe(
      'TikTok Shop markPackageAsShipped: already shipped (21011006)',
    );
  });

  test('the text about an address is never quoted', () => {
    expect(answer(11021010, { message: '100 Example Street' }).message).not.toContain('Example');
  });

  test('a success in a shape we cannot read had its effect', () => {
    expect(shapeError('updateInventory', 'write', 'r-1')).toMatchObject({ stage: 'after', requestId: 'r-1' });
    expect(shapeError('searchOrders', 'read').stage).toBe('before');
  });

  test('only answers about an order are refusals', () => {
    expect(refusalIn(new Error('other'))).toBeNull();
    expect(refusalIn(authRefusedError('refreshToken', 'gone'))).toBeNull();
    expect(refusalIn(shapeError('searchOrders', 'read'))).toBeNull();
  });
});
