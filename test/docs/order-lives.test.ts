import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHANNEL, decisionFor } from '../../src/orders/lives-situations.ts';
import { combinations, livesPage, outcomeText, rowsOf } from '../../src/orders/lives-table.ts';

describe('docs/order-lives.md', () => {
  it('says what the rules say now', () => {
    expect(readFileSync('docs/order-lives.md', 'utf8')).toBe(livesPage());
  });

  it.each(CHANNEL)(
    'has exactly one row for every situation of an order that is %s, and it is right',
    (channel) => {
      const rows = rowsOf(channel, 'US');
      const situations = combinations(channel);

      expect(situations.length).toBeGreaterThan(0);
      for (const at of situations) {
        const cells = [at.amazon, at.parcels, at.request, at.address];
        const fitting = rows.filter((row) =>
          cells.every((cell, column) => row.cells[column]?.includes(cell)),
        );
        expect(fitting.map(({ outcome }) => outcome)).toEqual([outcomeText(decisionFor(at, 'US'))]);
      }
    },
  );

  it('has a row for each effect that needs no person and no replaced number', () => {
    const page = livesPage();

    for (const kind of ['create', 'cancel', 'approveCancellation', 'rejectCancellation', 'ship'])
      expect(page).toContain(`**${kind}**`);
  });

  it('asks for a create only where nothing is live and the order is open', () => {
    const creating = CHANNEL.flatMap((channel) =>
      combinations(channel).filter((at) => decisionFor(at, 'US').kind === 'create'),
    );

    expect(new Set(creating.map(({ channel }) => channel))).toEqual(
      new Set(['awaiting shipment', 'partially shipped']),
    );
    expect(new Set(creating.map(({ amazon }) => amazon))).toEqual(
      new Set(['nothing', 'cancelled', 'unfulfillable', 'invalid']),
    );
    expect(new Set(creating.map(({ request }) => request))).toEqual(new Set(['none']));
  });
});
