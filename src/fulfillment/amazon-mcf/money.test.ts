import { expect, test } from 'vitest';
import { sumMoney } from './money.ts';

const usd = (...values: string[]) => values.map((value) => ({ currencyCode: 'USD', value }));

test.each([
  { amounts: ['9.46', '0.00', '0.00'], sum: '9.46' },
  { amounts: ['0.1', '0.2'], sum: '0.3' },
  { amounts: ['1', '0.005'], sum: '1.005' },
  { amounts: ['-1.50', '1.25'], sum: '-0.25' },
  { amounts: ['1.5e1', '2E-1'], sum: '15.2' },
  { amounts: ['1E2'], sum: '100' },
  { amounts: ['90071992547409930.01', '0.02'], sum: '90071992547409930.03' },
])('the sum of $amounts is exactly $sum', ({ amounts, sum }) => {
  expect(sumMoney(usd(...amounts))).toEqual({ currency: 'USD', value: sum });
});

test('there is no sum of nothing, of mixed currencies, or of something that is no number', () => {
  expect(sumMoney([])).toBeNull();
  expect(sumMoney([...usd('1'), { currencyCode: 'CAD', value: '1' }])).toBeNull();
  expect(sumMoney(usd('1', 'NaN'))).toBeNull();
});
