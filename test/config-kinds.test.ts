import { expect, it } from 'vitest';
import { HOLDABLE_KINDS } from '../src/config/kinds.ts';
import { ORDER_KINDS } from '../src/orders/order-kinds.ts';

it('HOLD_FOR_REVIEW takes exactly the kinds that the rules know', () => {
  expect([...HOLDABLE_KINDS]).toEqual([...ORDER_KINDS]);
});
