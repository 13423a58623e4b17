import { createSide, type Side, type SideArea, sideName } from '../lib/side.ts';
import type { Parts } from './parts.ts';

const AREAS: readonly SideArea[] = ['orders', 'stock', 'returns'];

/** The side of an account's area, made when it is first asked for. */
export const sideOf = ({ sides, clock }: Parts, account: string, area: SideArea): Side => {
  const name = sideName(account, area);
  const side = sides.get(name) ?? createSide(name, clock);
  sides.set(name, side);
  return side;
};

/** What was learned about an account no longer holds: it was connected anew, or is gone. */
export const forgetSides = ({ sides }: Parts, account: string): void => {
  for (const area of AREAS) sides.delete(sideName(account, area));
};
