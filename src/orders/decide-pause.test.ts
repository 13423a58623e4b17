import { describe, expect, it } from 'vitest';
import {
  cancellationOf,
  found,
  HOUR,
  inputOf,
  lineOf,
  linesOf,
  MINUTE,
  NOW,
  orderOf,
  placedRecordOf,
  policyOf,
  recordOf,
  SHOP,
} from '../../test/fakes.ts';
import { recipientOf } from './address/fixtures.ts';
import { decide } from './decide.ts';

const pausedShop = policyOf({ isPaused: (shopId) => shopId === SHOP.shopId });
const pausedSku = policyOf({ isSkuPaused: (shopId, sku) => shopId === SHOP.shopId && sku === 'B' });
const liveSince = (liveFromMs: number) => policyOf({ liveFromMs });

describe('a pause', () => {
  it('keeps a paused shop’s order from Amazon, and looks again within the hour', () => {
    expect(decide(inputOf({ policy: pausedShop }))).toMatchObject({
      kind: 'wait',
      stage: 'waiting',
      reason: 'shop_paused',
      nextAttemptAtMs: NOW + HOUR,
    });
  });

  it('of another shop changes nothing', () => {
    const policy = policyOf({ isPaused: (shopId) => shopId !== SHOP.shopId });
    expect(decide(inputOf({ policy }))).toMatchObject({ kind: 'create' });
  });

  it('of an SKU keeps the whole order back and names the SKU', () => {
    const order = orderOf({ lines: linesOf('A', 'B') });
    expect(decide(inputOf({ policy: pausedSku, order }))).toMatchObject({
      reason: 'sku_paused',
      detail: 'Amazon SKU: B.',
    });
  });

  it('of an SKU does not hold back an order that no longer needs it', () => {
    const shipped = lineOf({ lineId: '102', sellerSku: 'B', status: 'shipped', trackingNumber: 'BY-HAND' });
    const order = orderOf({ status: 'partially_shipped', lines: [lineOf(), shipped] });
    expect(decide(inputOf({ policy: pausedSku, order }))).toMatchObject({ kind: 'create' });
  });

  it('hides no trouble that a person can settle meanwhile', () => {
    const order = orderOf({ recipient: recipientOf({ name: 'J***' }) });
    expect(decide(inputOf({ policy: pausedShop, order }))).toMatchObject({ reason: 'address_masked' });
  });

  it('does not keep the buyer from cancelling', () => {
    const order = orderOf({ buyerRequestedCancel: true });
    const input = inputOf({ policy: pausedShop, order, cancellation: cancellationOf() });
    expect(decide(input)).toMatchObject({ kind: 'approveCancellation' });
  });

  it('does not cancel a stuck order at Amazon that it would not let be made anew', () => {
    const order = orderOf();
    const record = placedRecordOf(order, { expectedShipAtMs: NOW - MINUTE });
    const stuck = { order, record, sight: found({ state: 'planning' }) };
    const resubmit = { resubmitStuck: true };

    expect(decide(inputOf({ ...stuck, policy: { ...policyOf(resubmit) } }))).toMatchObject({
      kind: 'cancel',
    });
    expect(decide(inputOf({ ...stuck, policy: { ...pausedShop, ...resubmit } }))).toMatchObject({
      kind: 'review',
      reason: 'mcf_stuck',
    });
  });
});

describe('an order older than going live', () => {
  const order = orderOf();
  const policy = liveSince(order.createdAtMs + 1);

  it('waits for a person, because another connector may have sent it', () => {
    expect(decide(inputOf({ order, policy }))).toMatchObject({ kind: 'review', reason: 'before_live' });
  });

  it('is as any other when it was placed at that moment or later', () => {
    expect(decide(inputOf({ order, policy: liveSince(order.createdAtMs) }))).toMatchObject({
      kind: 'create',
    });
  });

  it('is not cancelled for the buyer either: the other connector may be shipping it', () => {
    const asking = { ...order, buyerRequestedCancel: true };
    expect(decide(inputOf({ order: asking, policy, cancellation: cancellationOf() }))).toMatchObject({
      kind: 'review',
      reason: 'before_live',
    });
  });

  it('goes once a person let it go', () => {
    const record = recordOf({ takenOver: true });
    expect(decide(inputOf({ order, policy, record }))).toMatchObject({ kind: 'create' });
  });

  it('is settled by itself when the other connector ships it', () => {
    const shipped = orderOf({
      status: 'in_transit',
      lines: [lineOf({ status: 'shipped', trackingNumber: 'THEIRS' })],
    });
    expect(decide(inputOf({ order: shipped, policy }))).toMatchObject({ reason: 'shipped_elsewhere' });
  });

  it('is not held when it was this service that sent it', () => {
    const record = placedRecordOf(order, { recreate: true });
    const input = inputOf({ order, policy, record, sight: found({ state: 'unfulfillable' }) });
    expect(decide(input)).toMatchObject({ kind: 'create' });
  });
});
