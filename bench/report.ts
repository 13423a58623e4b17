import type { Row } from './lib/context.ts';
import type { Disk } from './lib/disk.ts';
import type { Spread } from './lib/stats.ts';

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
export const disk = ({ addedMs }: Disk): string => `+${addedMs} ms`;

export const ratio = ({ median, min, max }: Spread): string =>
  min === max ? median.toFixed(2) : `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`;

const verdict = ({ target }: Row): string =>
  target === null ? '' : `${target.met ? 'met' : 'NOT MET'}: ${target.text}`;

/** The rows as a table of plain text. */
export const table = (rows: readonly Row[]): string => {
  const cells = [
    ['what', 'floor', 'service', 'ratio', 'target'],
    ...rows.map((row) => [row.name, row.floor, row.service, row.ratio, verdict(row)]),
  ];
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0))) ?? [];
  const lines = cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return lines.map((line) => line.trimEnd()).join('\n');
};
