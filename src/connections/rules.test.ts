import { describe, expect, it } from 'vitest';
import { accountRow, shopRow } from '../../test/connect/rows.ts';
import { expiryIn } from './authorisations.ts';
import { accountForNewShop } from './grants.ts';
import { planRegistrations } from './registrations.ts';
import { sharingFaults } from './sharing-rule.ts';
import { changedShop } from './shops.ts';
import { warningsOf } from './warnings.ts';

const NOW = 1_767_225_600_000;
const DAY_MS = 86_400_000;

describe('the Amazon account of a new shop', () => {
  const mine = (amazonAccount: string | null) => shopRow({ amazonAccount });

  it.each([
    ['the only account, which no shop draws on', [], [], ['x'], 'x'],
    ['none, where another seller’s shop draws on the only one', [], [mine('x')], ['x'], null],
    ['none, where there are two', [], [], ['x', 'y'], null],
    ['none, where there is none', [], [], [], null],
    ['that of the seller’s other shops', [mine('y'), mine('y')], [mine('x')], ['x', 'y'], 'y'],
    ['none, where the seller’s other shops differ', [mine('x'), mine('y')], [], ['x', 'y'], null],
    ['none, where the seller’s other shop has none', [mine(null)], [], ['x'], null],
  ])('is %s', (_case, siblings, others, accounts, expected) => {
    expect(accountForNewShop(siblings, others, accounts)).toBe(expected);
  });
});

describe('what is to be registered', () => {
  const OURS = 'https://mcf.example.com/webhooks/tiktok';
  const plan = (address: string | null, more: { ours?: string[]; takeOver?: boolean } = {}) =>
    planRegistrations(['T'], address === null ? [] : [{ topic: 'T', address }], OURS, {
      ours: [],
      takeOver: false,
      ...more,
    });

  it('is what is missing, and what this service registered elsewhere before', () => {
    expect(plan(null).register).toEqual(['T']);
    expect(plan('').register).toEqual(['T']);
    expect(plan('https://old.example.com', { ours: ['https://old.example.com'] }).register).toEqual(['T']);
  });

  it('is nothing where our address stands', () => {
    expect(plan(OURS)).toEqual({ register: [], registered: ['T'], elsewhere: [] });
  });

  it('is never what belongs to somebody else, unless it is to be taken over', () => {
    const foreign = 'https://other.example.com';

    expect(plan(foreign)).toMatchObject({ register: [], elsewhere: [{ topic: 'T', address: foreign }] });
    expect(plan(foreign, { takeOver: true })).toMatchObject({ register: ['T'], elsewhere: [] });
  });

  it('leaves topics alone that this service does not act on', () => {
    const listed = [{ topic: 'U', address: 'https://other.example.com' }];

    expect(planRegistrations(['T'], listed, OURS, { ours: [], takeOver: true })).toEqual({
      register: ['T'],
      registered: [],
      elsewhere: [],
    });
  });
});

describe('a sharing rule', () => {
  const shops = [
    shopRow({ shopId: '1' }),
    shopRow({ shopId: '2' }),
    shopRow({ shopId: '3', amazonAccount: 'other' }),
  ];
  const faults = (rule: Parameters<typeof sharingFaults>[0]) => sharingFaults(rule, shops, 'amazon');

  it('holds together up to 100 percent, thirds included', () => {
    expect(faults({ kind: 'all' })).toEqual([]);
    expect(faults({ kind: 'shares', percentByShop: { 1: 66.67, 2: 33.33 } })).toEqual([]);
    expect(faults({ kind: 'shares', percentByShop: { 1: 66.67, 2: 33.34 } })).toHaveLength(1);
  });

  it('names no shop of another account, none that is unknown, and none twice', () => {
    const atMostUnits = null;
    const [first, second] = [
      { shopId: '1', atMostUnits },
      { shopId: '1', atMostUnits },
    ];

    expect(faults({ kind: 'shares', percentByShop: { 3: 1, 4: 1 } })).toHaveLength(2);
    expect(faults({ kind: 'priority', shops: [{ shopId: '3', atMostUnits }] })).toHaveLength(1);
    expect(faults({ kind: 'priority', shops: [first, second] })).toHaveLength(1);
  });
});

describe('a change of a shop', () => {
  it('keeps what it does not name', () => {
    const row = shopRow({ name: 'One', settings: { bufferUnits: 2 }, pausedAtMs: 5 });

    expect(changedShop(row, {}, NOW)).toEqual(row);
    expect(changedShop(row, { name: null, amazonAccount: null }, NOW)).toEqual({
      ...row,
      name: null,
      amazonAccount: null,
    });
  });
});

describe('the time in a notice of topic 7', () => {
  it.each([
    ['a text of seconds', '{"data":{"expiration_time":"1767225600"}}', NOW],
    ['a number', '{"data":{"expiration_time":1767225600}}', NOW],
    ['nothing', '{"data":{}}', null],
    ['something else', '{"data":{"expiration_time":"soon"}}', null],
    ['no JSON', 'x', null],
    ['no body', null, null],
  ])('from %s', (_case, body, expected) => {
    expect(expiryIn(body)).toBe(expected);
  });
});

describe('warnings of a shop', () => {
  const codesOf = (over: Partial<Parameters<typeof warningsOf>[0]>): string[] =>
    warningsOf(
      { shop: shopRow(), account: accountRow(), registrations: null, missingScopes: [], ...over },
      NOW,
    ).map(({ code }) => code);

  it('there are none when all is well', () => {
    expect(codesOf({})).toEqual([]);
    expect(codesOf({ shop: shopRow({ authorizationExpiresAtMs: NOW + 31 * DAY_MS }) })).toEqual([]);
  });

  it.each([
    ['disconnected', { shop: shopRow({ stoppedAtMs: 1 }), account: null }],
    ['amazon_account_missing', { account: null }],
    ['amazon_account_stopped', { account: accountRow({ stoppedAtMs: 1 }) }],
    ['authorization_expires', { shop: shopRow({ authorizationExpiresAtMs: NOW + 30 * DAY_MS }) }],
    ['authorization_expired', { shop: shopRow({ authorizationExpiresAtMs: NOW }) }],
    ['scopes_missing', { missingScopes: ['seller.product.write'] }],
    ['stock_share_missing', { account: accountRow({ sharing: { kind: 'shares', percentByShop: {} } }) }],
    ['stock_share_missing', { account: accountRow({ sharing: { kind: 'priority', shops: [] } }) }],
  ])('%s', (code, facts) => {
    expect(codesOf(facts)).toEqual([code]);
  });
});
