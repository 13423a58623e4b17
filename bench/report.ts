import type { Chart, Row } from './lib/context.ts';
import type { Disk } from './lib/disk.ts';
import type { Spread } from './lib/stats.ts';

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
export const mib = (value: number): string => `${value.toFixed(0)} MiB`;
export const disk = ({ addedMs }: Disk): string => `+${addedMs} ms`;

export const ratio = ({ median, min, max }: Spread): string =>
  min === max ? median.toFixed(2) : `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`;

export const verdict = ({ target }: Pick<Row, 'target'>): string =>
  target === null ? '' : `${target.met ? 'met' : 'NOT MET'}: ${target.text}`;

export const HEADINGS = ['what', 'baseline', 'service', 'ratio', 'target'] as const;

/** The cells of a row, under `HEADINGS`. */
export const cellsOf = (row: Row): string[] => [row.name, row.floor, row.service, row.ratio, verdict(row)];

const align = (cells: readonly (readonly string[])[]): string => {
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0))) ?? [];
  const lines = cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return lines.map((line) => line.trimEnd()).join('\n');
};

/** The rows as a table of plain text. */
export const table = (rows: readonly Row[]): string => align([HEADINGS, ...rows.map(cellsOf)]);

const DIGITS = 3;

/** A point of a curve, in as many digits as a reader needs. */
export const point = (value: number): string =>
  Number.isInteger(value)
    ? count(value)
    : Number(value.toPrecision(Math.max(DIGITS, Math.trunc(value).toString().length))).toLocaleString(
        'en-US',
        { maximumFractionDigits: 2 },
      );

const MOST_COLUMNS = 10;

/** Evenly over a long series, the last value always. */
const shown = (values: readonly number[]): number[] => {
  const step = Math.ceil(values.length / MOST_COLUMNS);
  return values.filter((_, at) => (values.length - 1 - at) % step === 0);
};

/** The table of a chart: a line for each figure, a column for each x; of a long series only some. */
export const chartCells = ({ x, lines }: Chart): string[][] => [
  [x.name, ...shown(x.values).map(point)],
  ...lines.map(({ name, unit, values }) => [
    unit === '' ? name : `${name}, ${unit}`,
    ...shown(values).map(point),
  ]),
];

/** A chart as a table of plain text. */
export const chartText = (chart: Chart): string => `${chart.title}\n\n${align(chartCells(chart))}`;
