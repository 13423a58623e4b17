import { createRequire } from 'node:module';
import type * as CsvParse from 'csv-parse/sync';
import { z } from 'zod';
import { once } from '../lib/once.ts';
import { ok, type Result, refuse } from '../lib/result.ts';
import type { SkuMapEntry } from '../store/store.ts';

/** Amazon's and our own limits of what a row may hold. */
const amazonSku = z.string().trim().min(1, 'is empty').max(50, 'is longer than Amazon’s 50 characters');
const channelSku = z.string().trim().min(1, 'is empty').max(200, 'is longer than 200 characters');
/** As spreadsheets write numbers; `Number` alone also reads hexadecimals, powers and truth values. */
const NUMBER = /^-?\d*(\.\d+)?$/;
const quantity = z.preprocess(
  (value) => (typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value),
  z
    .number('is not a number')
    .int('is not a whole number')
    .min(1, 'must be at least 1')
    .max(250, 'must be at most 250'),
);
const MAX_COMPONENTS = 100;
/** More than a map can need; reading them would keep webhooks waiting. */
const MAX_ROWS = 200_000;
/** A list of faults longer than anybody reads. */
const MAX_FAULTS = 1_000;

const TOO_MANY_COMPONENTS = `has over ${MAX_COMPONENTS} components`;

const Entry = z.object({
  shopId: z.string().trim().min(1).nullish(),
  channelSku,
  components: z
    .array(z.object({ amazonSku, quantity }))
    .min(1, 'has no component')
    .max(MAX_COMPONENTS, TOO_MANY_COMPONENTS),
});
const Body = z.object({ entries: z.array(z.unknown()) });
const COLUMNS = ['shop_id', 'channel_sku', 'amazon_sku', 'quantity'] as const;
const HEADER = COLUMNS.join(',');
const Row = z.object({
  shop_id: z.string().trim(),
  channel_sku: channelSku,
  amazon_sku: amazonSku,
  quantity,
});

/** Whether the map can name this SKU: not empty, not too long, no blanks around it. */
export const canBeChannelSku = (name: string): boolean => channelSku.safeParse(name).data === name;

const faultsOf = (where: string, error: z.ZodError): string[] =>
  error.issues.map((issue) => `${where}: ${issue.path.join('.') || 'row'} ${issue.message}`);

const entryName = (entry: SkuMapEntry): string => JSON.stringify([entry.shopId, entry.channelSku]);

const refuseAll = (faults: readonly string[]): Result<never, string[]> =>
  refuse(
    faults.length <= MAX_FAULTS
      ? [...faults]
      : [...faults.slice(0, MAX_FAULTS), `and ${faults.length - MAX_FAULTS} more`],
  );

/** Rows of one bundle become one entry; the same component twice, or the same SKU twice, is a fault. */
const checkEntries = (
  entries: readonly { where: string; entry: SkuMapEntry }[],
): Result<SkuMapEntry[], string[]> => {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { where, entry } of entries) {
    if (seen.has(entryName(entry))) faults.push(`${where}: ${entry.channelSku} is given twice`);
    seen.add(entryName(entry));
    const skus = entry.components.map((part) => part.amazonSku);
    if (skus.length > MAX_COMPONENTS) faults.push(`${where}: ${entry.channelSku} ${TOO_MANY_COMPONENTS}`);
    if (new Set(skus).size < skus.length)
      faults.push(`${where}: ${entry.channelSku} names an Amazon SKU twice`);
  }
  return faults.length > 0 ? refuse(faults) : ok(entries.map(({ entry }) => entry));
};

/** Reads `{"entries":[{"shopId":null,"channelSku","components":[{"amazonSku","quantity"}]}]}`. All faults are named. */
export const readSkuMapJson = (body: unknown): Result<SkuMapEntry[], string[]> => {
  const parsed = Body.safeParse(body);
  if (!parsed.success) return refuse(['body: must be {"entries":[…]}']);
  if (parsed.data.entries.length > MAX_ROWS) return refuse([`body: has over ${MAX_ROWS} entries`]);
  const faults: string[] = [];
  const entries: { where: string; entry: SkuMapEntry }[] = [];
  for (const [index, raw] of parsed.data.entries.entries()) {
    const where = `entries[${index}]`;
    const entry = Entry.safeParse(raw);
    if (entry.success) entries.push({ where, entry: { ...entry.data, shopId: entry.data.shopId ?? null } });
    else faults.push(...faultsOf(where, entry.error));
  }
  const checked = checkEntries(entries);
  if (checked.ok && faults.length === 0) return checked;
  return refuseAll([...faults, ...(checked.ok ? [] : checked.problem)]);
};

const csvParser = once((): typeof CsvParse => createRequire(import.meta.url)('csv-parse/sync'));

const parseRows = (text: string): Result<string[][], string[]> => {
  try {
    return ok(
      csvParser().parse(text, {
        bom: true,
        trim: true,
        skip_empty_lines: true,
        relax_column_count: true,
        to: MAX_ROWS + 2,
      }),
    );
  } catch (error) {
    // It may quote a whole cell.
    const message = error instanceof Error ? error.message.slice(0, 200) : 'unreadable';
    return refuse([`file: is not CSV (${message})`]);
  }
};

/** How a spreadsheet begins a formula. */
const FORMULA = /^[=+\-@]/;
/** Our own mark before a cell that would be one, and before a cell that looks marked. */
const MARKED = /^'(?=[=+\-@'])/;
const mark = (text: string): string => (FORMULA.test(text) || MARKED.test(text) ? `'${text}` : text);
const unmark = (text: string): string => text.replace(MARKED, '');

/** A quantity is a number and never marked. */
const readCell = (name: (typeof COLUMNS)[number], text: string): string =>
  name === 'quantity' ? text : unmark(text.trim());

const isHeader = (cells: readonly string[]): boolean =>
  cells.length === COLUMNS.length && COLUMNS.every((name, index) => cells[index]?.toLowerCase() === name);

/** Reads CSV with the header `shop_id,channel_sku,amazon_sku,quantity`; a bundle is several rows. */
export const readSkuMapCsv = (text: string): Result<SkuMapEntry[], string[]> => {
  const rows = parseRows(text);
  if (!rows.ok) return rows;
  const [header, ...lines] = rows.value;
  if (!header || !isHeader(header)) return refuse([`row 1: the header must be ${HEADER}`]);
  if (lines.length > MAX_ROWS) return refuse([`file: has over ${MAX_ROWS} rows`]);
  const faults: string[] = [];
  const entries = new Map<string, { where: string; entry: SkuMapEntry }>();
  for (const [index, cells] of lines.entries()) {
    const where = `row ${index + 2}`;
    if (cells.length !== COLUMNS.length) {
      faults.push(`${where}: has ${cells.length} columns instead of ${COLUMNS.length}`);
      continue;
    }
    const row = Row.safeParse(
      Object.fromEntries(COLUMNS.map((name, column) => [name, readCell(name, cells[column] ?? '')])),
    );
    if (!row.success) {
      faults.push(...faultsOf(where, row.error));
      continue;
    }
    const { shop_id, channel_sku, amazon_sku, quantity: units } = row.data;
    const entry: SkuMapEntry = { shopId: shop_id || null, channelSku: channel_sku, components: [] };
    const known = entries.get(entryName(entry)) ?? { where, entry };
    known.entry.components.push({ amazonSku: amazon_sku, quantity: units });
    entries.set(entryName(entry), known);
  }
  const checked = checkEntries([...entries.values()]);
  if (checked.ok && faults.length === 0) return checked;
  return refuseAll([...faults, ...(checked.ok ? [] : checked.problem)]);
};

/** RFC 4180: quoted where a cell holds a separator, a quote or a line break. */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * Writes the CSV that `readSkuMapCsv` reads back as the same entries. A cell that begins with `=`, `+`, `-` or `@` gets
 * an apostrophe in front, or a spreadsheet would carry out what somebody named a product; reading takes it away again.
 */
export const writeSkuMapCsv = (entries: readonly SkuMapEntry[]): string => {
  const rows = entries.flatMap(({ shopId, channelSku: name, components }) =>
    components.map((part) =>
      [...[shopId ?? '', name, part.amazonSku].map(mark), String(part.quantity)].map(cell).join(','),
    ),
  );
  return [HEADER, ...rows].map((row) => `${row}\r\n`).join('');
};
