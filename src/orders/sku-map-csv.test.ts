import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canBeChannelSku, readSkuMapCsv, readSkuMapJson, writeSkuMapCsv } from './sku-map-csv.ts';

const HEADER = 'shop_id,channel_sku,amazon_sku,quantity';
const csv = (...rows: string[]) => readSkuMapCsv([HEADER, ...rows].join('\n'));
const faultsOf = (read: ReturnType<typeof readSkuMapCsv>): string[] => (read.ok ? [] : read.problem);
const entriesOf = (read: ReturnType<typeof readSkuMapCsv>) => {
  if (!read.ok) throw new Error(read.problem.join());
  return read.value;
};

describe('a SKU map as CSV', () => {
  it('joins the rows of a bundle and takes an empty shop for all shops', () => {
    expect(entriesOf(csv(',A,X,1', 'shop-1,SET,X,2', 'shop-1,SET,Y,1'))).toEqual([
      { shopId: null, channelSku: 'A', components: [{ amazonSku: 'X', quantity: 1 }] },
      {
        shopId: 'shop-1',
        channelSku: 'SET',
        components: [
          { amazonSku: 'X', quantity: 2 },
          { amazonSku: 'Y', quantity: 1 },
        ],
      },
    ]);
  });

  it('reads what spreadsheets write: a byte-order mark, CRLF, quotes, blanks and empty lines', () => {
    const text = `\uFEFF${HEADER.toUpperCase()}\r\n\r\n , "A, large" ,X, 2 \r\n`;

    expect(entriesOf(readSkuMapCsv(text))).toEqual([
      { shopId: null, channelSku: 'A, large', components: [{ amazonSku: 'X', quantity: 2 }] },
    ]);
  });

  it('may be empty', () => {
    expect(entriesOf(csv())).toEqual([]);
  });

  it.each(['', 'sku,amazon', 'channel_sku,shop_id,amazon_sku,quantity\n,A,X,1'])(
    'needs its header: %j',
    (text) => {
      expect(faultsOf(readSkuMapCsv(text))).toEqual([`row 1: the header must be ${HEADER}`]);
    },
  );

  it('names every bad row, and takes none', () => {
    const faults = faultsOf(
      csv(
        ',A,X,1',
        ',B,X,zero',
        ',,X,1',
        ',C,,1',
        ',D,X,0',
        ',E,X,1.5',
        ',F,X,251',
        ',G,X',
        `,H,${'X'.repeat(51)},1`,
        ',I,X,',
      ),
    );

    expect(faults).toEqual([
      'row 3: quantity is not a number',
      'row 4: channel_sku is empty',
      'row 5: amazon_sku is empty',
      'row 6: quantity must be at least 1',
      'row 7: quantity is not a whole number',
      'row 8: quantity must be at most 250',
      'row 9: has 3 columns instead of 4',
      'row 10: amazon_sku is longer than Amazon’s 50 characters',
      'row 11: quantity must be at least 1',
    ]);
  });

  it('refuses the same component twice in one bundle', () => {
    expect(faultsOf(csv(',A,X,1', ',SET,X,1', ',SET,X,2'))).toEqual(['row 3: SET names an Amazon SKU twice']);
  });

  it.each(['0x10', '1e2', 'true', 'Infinity', '٣', '1_0'])(
    'takes no other spelling of a number: %s',
    (text) => {
      expect(faultsOf(csv(`,A,X,${text}`))).toEqual(['row 2: quantity is not a number']);
    },
  );

  it('reads a formula’s sign with and without its mark', () => {
    expect(entriesOf(csv(',=A,X,1', ",'=B,X,1")).map(({ channelSku }) => channelSku)).toEqual(['=A', '=B']);
  });

  it('refuses more components of a bundle than JSON may have', () => {
    const rows = Array.from({ length: 101 }, (_, index) => `,SET,X-${index},1`);

    expect(faultsOf(csv(...rows))).toEqual(['row 2: SET has over 100 components']);
    expect(csv(...rows.slice(1)).ok).toBe(true);
  });

  it('names the first thousand bad rows and counts the others', () => {
    const faults = faultsOf(csv(...Array.from({ length: 1_500 }, () => 'x')));

    expect(faults).toHaveLength(1_001);
    expect(faults.at(-1)).toBe('and 500 more');
  });

  it('names faults of as many rows as there may be', () => {
    const text = `${HEADER}\n${',A,X,1\n'.repeat(150_000)}`;

    expect(faultsOf(readSkuMapCsv(text))).toEqual([
      'row 2: A has over 100 components',
      'row 2: A names an Amazon SKU twice',
    ]);
    const entries = Array.from({ length: 150_000 }, () => ({
      channelSku: 'A',
      components: [{ amazonSku: 'X', quantity: 1 }],
    }));
    expect(faultsOf(readSkuMapJson({ entries }))).toHaveLength(1_001);
  });

  it('refuses a file of more rows than a map can need before it reads them', () => {
    expect(faultsOf(readSkuMapCsv(`${HEADER}\n${',A,X,1\n'.repeat(200_001)}`))).toEqual([
      'file: has over 200000 rows',
    ]);
  });

  it('does not quote a whole file where it is broken', () => {
    const [fault = ''] = faultsOf(csv(`,A${'x'.repeat(100_000)}"b,X,1`));

    expect(fault).toMatch(/^file: is not CSV/);
    expect(fault.length).toBeLessThan(300);
  });

  it('refuses a text that is no CSV', () => {
    expect(faultsOf(readSkuMapCsv(`${HEADER}\n,"A,X,1`))).toEqual([
      expect.stringMatching(/^file: is not CSV/),
    ]);
  });
});

describe('a SKU map as JSON', () => {
  const entry = (overrides: object = {}) => ({
    channelSku: 'A',
    components: [{ amazonSku: 'X', quantity: 1 }],
    ...overrides,
  });

  it('takes a missing or null shop for all shops', () => {
    const read = readSkuMapJson({
      entries: [entry(), entry({ channelSku: 'B', shopId: null }), entry({ shopId: 's' })],
    });

    expect(entriesOf(read).map(({ shopId }) => shopId)).toEqual([null, null, 's']);
  });

  it.each([null, [], 'text', { entries: 'A' }])('must hold entries: %j', (body) => {
    expect(faultsOf(readSkuMapJson(body))).toEqual(['body: must be {"entries":[…]}']);
  });

  it('names every bad entry, and takes none', () => {
    const faults = faultsOf(
      readSkuMapJson({
        entries: [
          entry(),
          entry({ channelSku: '' }),
          entry({ components: [] }),
          7,
          entry({ components: [{ amazonSku: 'X', quantity: 0 }] }),
        ],
      }),
    );

    expect(faults).toEqual([
      'entries[1]: channelSku is empty',
      'entries[2]: components has no component',
      expect.stringMatching(/^entries\[3\]: row /),
      'entries[4]: components.0.quantity must be at least 1',
    ]);
  });

  it.each([true, null, '0x2', '2 units', [[2]], {}])(
    'takes nothing but a number for a quantity: %j',
    (quantity) => {
      const read = readSkuMapJson({ entries: [entry({ components: [{ amazonSku: 'X', quantity }] })] });

      expect(faultsOf(read)).toEqual(['entries[0]: components.0.quantity is not a number']);
    },
  );

  it('tells a shop from a SKU wherever the line breaks', () => {
    const entries = [entry({ shopId: 'a\nb', channelSku: 'c' }), entry({ shopId: 'a', channelSku: 'b\nc' })];

    expect(entriesOf(readSkuMapJson({ entries }))).toEqual(entries);
  });

  it('refuses more entries than a map can need before it reads them', () => {
    expect(faultsOf(readSkuMapJson({ entries: Array(200_001).fill(7) }))).toEqual([
      'body: has over 200000 entries',
    ]);
  });

  it('refuses a SKU that is given twice for the same shops, and takes it once per shop', () => {
    expect(faultsOf(readSkuMapJson({ entries: [entry(), entry({ shopId: 's' }), entry()] }))).toEqual([
      'entries[2]: A is given twice',
    ]);
  });
});

describe('a SKU map written as CSV', () => {
  const one = (channelSku: string, amazonSku = 'X') => ({
    shopId: null,
    channelSku,
    components: [{ amazonSku, quantity: 1 }],
  });

  it('is a header and a row per component, with CRLF', () => {
    const entry = {
      shopId: 'shop-1',
      channelSku: 'SET',
      components: [
        { amazonSku: 'X', quantity: 2 },
        { amazonSku: 'Y', quantity: 1 },
      ],
    };

    expect(writeSkuMapCsv([one('A'), entry])).toBe(
      `${HEADER}\r\n,A,X,1\r\nshop-1,SET,X,2\r\nshop-1,SET,Y,1\r\n`,
    );
    expect(writeSkuMapCsv([])).toBe(`${HEADER}\r\n`);
  });

  it.each([
    ['a comma', 'RED,XL', '"RED,XL"'],
    ['a quote', '12" PAN', '"12"" PAN"'],
    ['only quotes', '""', '""""""'],
    ['a line feed', 'A\nB', '"A\nB"'],
    ['a carriage return', 'A\rB', '"A\rB"'],
    ['nothing special', "A/1 +&#'%20;\tB", "A/1 +&#'%20;\tB"],
    ['the beginning of a formula, marked', '=1+2', "'=1+2"],
    ['a quoted one, marked', '=A("x")', `"'=A(""x"")"`],
    ['the signs of a formula, marked', '@SUM', "'@SUM"],
    ['a sign of a number, marked', '-5', "'-5"],
    ['what looks marked', "'+5", "''+5"],
    ['an apostrophe of its own', "'n Sync", "'n Sync"],
    ['leading zeros', '00042', '00042'],
  ])('takes %s through', (_name, sku, cell) => {
    const text = writeSkuMapCsv([one(sku)]);

    expect(text).toBe(`${HEADER}\r\n,${cell},X,1\r\n`);
    expect(entriesOf(readSkuMapCsv(text))).toEqual([one(sku)]);
  });

  it('reads back as the same map, whatever map can be put', () => {
    const sku = (maxLength: number) =>
      fc
        .oneof(
          fc.string({ minLength: 1, maxLength, unit: 'binary' }),
          fc.string({
            minLength: 1,
            maxLength,
            unit: fc.constantFrom(
              'a',
              'B',
              '0',
              ',',
              '"',
              '\r',
              '\n',
              '\t',
              ' ',
              '=',
              '+',
              '-',
              '@',
              "'",
              ';',
              '\uFEFF',
            ),
          }),
        )
        .map((text) => text.trim())
        .filter((text) => text.length > 0 && text.length <= maxLength);
    const shopId = fc.option(sku(20), { nil: null });
    const components = fc.uniqueArray(
      fc.record({ amazonSku: sku(50), quantity: fc.integer({ min: 1, max: 250 }) }),
      { minLength: 1, maxLength: 5, selector: (part) => part.amazonSku },
    );
    const map = fc.uniqueArray(fc.record({ shopId, channelSku: sku(200), components }), {
      maxLength: 8,
      selector: (entry) => JSON.stringify([entry.shopId, entry.channelSku]),
    });

    fc.assert(
      fc.property(map, (entries) => {
        expect(entriesOf(readSkuMapJson({ entries }))).toEqual(entries);
        expect(entriesOf(readSkuMapCsv(writeSkuMapCsv(entries)))).toEqual(entries);
      }),
    );
  });

  it.each([
    ['A', true],
    ['A b', true],
    ['', false],
    [' A', false],
    ['A\n', false],
    ['A'.repeat(201), false],
  ])('%j can be named in it: %s', (name, answer) => {
    expect(canBeChannelSku(name)).toBe(answer);
  });
});
