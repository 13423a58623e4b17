import { describe, expect, it } from 'vitest';
import { NOW, orderOf, packageRecordOf, placedRecordOf, recordOf } from '../../test/fakes.ts';
import type { OrderRecord } from '../orders/model.ts';
import { decideReturn } from './decide-return.ts';
import { returnOf } from './fixtures/returns.ts';

const shipped = (overrides: Partial<OrderRecord> = {}) =>
  placedRecordOf(orderOf(), { packages: [packageRecordOf({ packageKey: 'D1/7' })], ...overrides });
const approved = returnOf({ state: 'awaiting_parcel' });

describe('a return', () => {
  it.each(['rejected', 'succeeded', 'cancelled', 'completed'] as const)(
    'that is %s asks for nothing',
    (state) => {
      expect(decideReturn(returnOf({ state }), shipped(), 'create')).toEqual({ kind: 'nothing' });
    },
  );

  it.each([{ type: 'refund' as const }, { buyerKeepsItem: true }])(
    'whose goods do not come back asks for nothing: %j',
    (change) => {
      expect(decideReturn({ ...approved, ...change }, shipped(), 'create')).toEqual({ kind: 'nothing' });
    },
  );

  it('of an order not read yet waits for that', () => {
    expect(decideReturn(approved, recordOf(), 'create')).toEqual({ kind: 'wait' });
  });

  it.each([
    ['nothing was reported', shipped({ packages: [packageRecordOf({ reportedAtMs: null })] })],
    ['the line left in no parcel of ours', shipped({ packages: [packageRecordOf({ lineIds: ['999'] })] })],
  ])('of lines that Amazon did not ship asks for nothing: %s', (_, order) => {
    expect(decideReturn(approved, order, 'create')).toEqual({ kind: 'nothing' });
  });

  it.each(['review', 'create'] as const)(
    'to be answered is for a person, by its deadline (%s)',
    (setting) => {
      const pending = returnOf({ state: 'pending', respondByMs: NOW });

      expect(decideReturn(pending, shipped(), setting)).toMatchObject({
        kind: 'review',
        askedFor: 'answer/pending',
        review: {
          reason: 'return_needs_action',
          detail: expect.stringContaining(new Date(NOW).toISOString()),
          respondByMs: NOW,
        },
      });
    },
  );

  it('in a state this version does not know is for a person', () => {
    const odd = returnOf({ state: 'unknown', rawStatus: 'ODD' });

    expect(decideReturn(odd, shipped(), 'create')).toMatchObject({
      kind: 'review',
      askedFor: 'status/ODD',
      review: { detail: expect.stringContaining('ODD') },
    });
  });
});

describe('an approved return', () => {
  it.each(['awaiting_parcel', 'parcel_sent'] as const)(
    'becomes an Amazon return by setting (%s)',
    (state) => {
      expect(decideReturn({ ...approved, state }, shipped(), 'create')).toEqual({
        kind: 'createAtAmazon',
        fulfillmentId: 'TTS-576461413038785752',
        units: [{ returnItemId: 'r1-101', itemId: '101', shipmentId: 'D1', amazonSku: 'A' }],
      });
    },
  );

  it('is for a person otherwise', () => {
    expect(decideReturn(approved, shipped(), 'review')).toMatchObject({
      kind: 'review',
      askedFor: 'ship_back',
      review: { reason: 'return_needs_action' },
    });
  });

  it('is looked up whatever the setting says now when Amazon may have been asked', () => {
    const asked = { ...approved, amazonState: 'requested' as const };

    expect(decideReturn(asked, shipped(), 'review')).toMatchObject({ kind: 'createAtAmazon' });
  });

  it('that Amazon expects asks for nothing more, but for an answer about the parcel', () => {
    const created = { ...approved, state: 'parcel_sent' as const, amazonState: 'created' as const };

    expect(decideReturn(created, shipped(), 'create')).toEqual({ kind: 'nothing' });
    expect(decideReturn({ ...created, respondByMs: NOW }, shipped(), 'create')).toMatchObject({
      kind: 'review',
      askedFor: 'answer/parcel_sent',
    });
  });

  it('that Amazon refused stays with the person and is not asked for again', () => {
    const refused = { ...approved, amazonState: 'refused' as const };

    expect(decideReturn(refused, shipped(), 'create')).toMatchObject({
      kind: 'review',
      askedFor: 'refused',
      review: { reason: 'return_refused' },
    });
  });

  it.each([
    ['names no lines', { ...approved, lineIds: [] }, shipped()],
    [
      'has a line whose parcels are not all known',
      approved,
      shipped({ packages: [packageRecordOf({ allocations: [] })] }),
    ],
    [
      'left under an earlier Amazon order',
      approved,
      shipped({ packages: [packageRecordOf({ fulfillmentId: 'TTS-0' })] }),
    ],
  ])('that %s is for a person', (_, returned, order) => {
    expect(decideReturn(returned, order, 'create')).toMatchObject({ kind: 'review', askedFor: 'ship_back' });
  });
});
