import { describe, expect, it } from 'vitest';
import { chooseReasonCode } from './reason-codes.ts';

const OFFERED = ['CR-DEFECTIVE', 'CR-SWITCHEROO', 'CR-UNWANTED_ITEM', 'CR-DAMAGED_BY_CARRIER'];
const PREFIX = 'ecom_order_delivered_refund_and_return_reason_';

describe('the reason code for Amazon', () => {
  it.each([
    ['wrong_product', 'CR-SWITCHEROO'],
    ['product_defective', 'CR-DEFECTIVE'],
    ['item_damaged', 'CR-DAMAGED_BY_CARRIER'],
    ['no_longer_needed', 'CR-UNWANTED_ITEM'],
    ['better_price', 'CR-UNWANTED_ITEM'],
  ])('of %s is %s', (reason, code) => {
    expect(chooseReasonCode(PREFIX + reason, OFFERED)).toBe(code);
  });

  it('is always one that Amazon offers', () => {
    expect(chooseReasonCode('wrong_product', ['CR-EXTRA_ITEM'])).toBe('CR-EXTRA_ITEM');
    expect(chooseReasonCode(null, [])).toBeNull();
  });
});
