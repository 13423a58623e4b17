import { describe, expect, it } from 'vitest';
import { KEY, packageRecordOf, recordOf } from '../../test/fakes.ts';
import type { OrderRecord } from '../orders/model.ts';
import { ordersCsv } from './orders-csv.ts';

type Page = { orders: OrderRecord[]; nextCursor: string | null };

const linesOf = async (list: (cursor: { cursor?: string }) => Promise<Page>): Promise<string[]> => {
  const parts: string[] = [];
  for await (const part of ordersCsv(list)) parts.push(part);
  return parts.join('').split('\r\n').slice(0, -1);
};
const shopOf = async (shopId: string): Promise<string> => {
  const orders = [recordOf({ key: { ...KEY, shopId } })];
  const [, row = ''] = await linesOf(() => Promise.resolve({ orders, nextCursor: null }));
  return row.slice(KEY.orderId.length + 1, row.indexOf(',waiting'));
};

describe('orders as CSV', () => {
  it.each([
    ['=HYPERLINK(1)', "'=HYPERLINK(1)"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM', "'@SUM"],
    ['\t=1', "'\t=1"],
    ['＝1', "'＝1"],
    ['plain', 'plain'],
  ])('a cell that a spreadsheet might run is made text: %j', async (text, cell) => {
    expect(await shopOf(text)).toBe(cell);
  });

  it('quotes are doubled, and a comma stays in its cell', async () => {
    expect(await shopOf('a "b", c')).toBe('"a ""b"", c"');
    expect(await shopOf('=1,"x"')).toBe('"\'=1,""x"""');
  });

  it('names every number reported', async () => {
    const packages = ['1Z1', '1Z2'].map((reportedNumber, index) =>
      packageRecordOf({ packageKey: `p${index}`, reportedNumber }),
    );
    const [, row] = await linesOf(() =>
      Promise.resolve({ orders: [recordOf({ packages })], nextCursor: null }),
    );

    expect(row).toContain('1Z1 1Z2');
  });

  it('goes on page by page and ends with the last', async () => {
    const asked: (string | undefined)[] = [];
    const lines = await linesOf(({ cursor }) => {
      asked.push(cursor);
      return Promise.resolve({
        orders: [recordOf()],
        nextCursor: asked.length < 3 ? `c${asked.length}` : null,
      });
    });

    expect(asked).toEqual([undefined, 'c1', 'c2']);
    expect(lines).toHaveLength(4);
  });

  it('ends at 10,000 rows and says so in its last line', async () => {
    const orders = Array.from({ length: 200 }, () => recordOf());
    let pages = 0;
    const lines = await linesOf(() => {
      pages += 1;
      return Promise.resolve({ orders, nextCursor: 'more' });
    });

    expect(pages).toBe(50);
    expect(lines).toHaveLength(10_002);
    expect(lines.at(-1)).toContain('Only the first 10000 orders');
  });
});
