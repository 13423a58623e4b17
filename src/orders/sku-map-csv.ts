import { createRequire } from 'node:module';
import type * as CsvParse from 'csv-parse/sync';
import { z } from 'zod';
import { once } from '../lib/once.ts';
import { ok, type Result, refuse } from '../lib/result.ts';
import type { SkuMapEntry } from '../store/store.ts';

/** Amazon's and our own limits of what a row may hold. */
const amazonSku = z.string().trim().min(1, 'is empty').max(50, 'is longer than Amazon’s 50 characters');
const channelSku = z.string().trim().min(1, 'is empty').max(200, 'is longer than 200 characters');
const quantity = z.coerce
  .number('is not a number')
  .int('is not a whole number')
  .min(1, 'must be at least 1')
  .max(250, 'must be at most 250');

const Entry = z.object({
  shopId: z.string().trim().min(1).nullish(),
  channelSku,
  components: z
    .array(z.object({ amazonSku, quantity }))
    .min(1, 'has no component')
    .max(100, 'has over 100 components'),
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

const entryName = (entry: SkuMapEntry): string => `${entry.shopId ?? ''}\n${entry.channelSku}`;

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
    if (new Set(skus).size < skus.length)
      faults.push(`${where}: ${entry.channelSku} names an Amazon SKU twice`);
  }
  return faults.length > 0 ? refuse(faults) : ok(entries.map(({ entry }) => entry));
};

/** Reads `{"entries":[{"shopId":null,"channelSku","components":[{"amazonSku","quantity"}]}]}`. All faults are named. */
export const readSkuMapJson = (body: unknown): Result<SkuMapEntry[], string[]> => {
  const parsed = Body.safeParse(body);
  if (!parsed.success) return refuse(['body: must be {"entries":[…]}']);
  const faults: string[] = [];
  const entries: { where: string; entry: SkuMapEntry }[] = [];
  for (const [index, raw] of parsed.data.entries.entries()) {
    const where = `entries[${index}]`;
    const entry = Entry.safeParse(raw);
    if (entry.success) entries.push({ where, entry: { ...entry.data, shopId: entry.data.shopId ?? null } });
    else faults.push(...faultsOf(where, entry.error));
  }
  const checked = checkEntries(entries);
  if (!checked.ok) faults.push(...checked.problem);
  return faults.length > 0 ? refuse(faults) : checked;
};

const csvParser = once((): typeof CsvParse => createRequire(import.meta.url)('csv-parse/sync'));

const parseRows = (text: string): Result<string[][], string[]> => {
  try {
    return ok(
      csvParser().parse(text, { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true }),
    );
  } catch (error) {
    return refuse([`file: is not CSV (${error instanceof Error ? error.message : 'unreadable'})`]);
  }
};

const isHeader = (cells: readonly string[]): boolean =>
  cells.length === COLUMNS.length && COLUMNS.every((name, index) => cells[index]?.toLowerCase() === name);

/** Reads CSV with the header `shop_id,channel_sku,amazon_sku,quantity`; a bundle is several rows. */
export const readSkuMapCsv = (text: string): Result<SkuMapEntry[], string[]> => {
  const rows = parseRows(text);
  if (!rows.ok) return rows;
  const [header, ...lines] = rows.value;
  if (!header || !isHeader(header)) return refuse([`row 1: the header must be ${HEADER}`]);
  const faults: string[] = [];
  const entries = new Map<string, { where: string; entry: SkuMapEntry }>();
  for (const [index, cells] of lines.entries()) {
    const where = `row ${index + 2}`;
    if (cells.length !== COLUMNS.length) {
      faults.push(`${where}: has ${cells.length} columns instead of ${COLUMNS.length}`);
      continue;
    }
    const row = Row.safeParse(Object.fromEntries(COLUMNS.map((name, column) => [name, cells[column]])));
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
  if (!checked.ok) faults.push(...checked.problem);
  return faults.length > 0 ? refuse(faults) : checked;
};

/** RFC 4180: quoted where a cell holds a separator, a quote or a line break. */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * Writes the CSV that `readSkuMapCsv` reads back as the same entries. A SKU may begin with `=`, `+`, `-` or `@`, which
 * a spreadsheet takes for a formula: it goes out unchanged, or it would come back as another SKU. Open the file with
 * its columns as text; that keeps leading zeros too.
 */
export const writeSkuMapCsv = (entries: readonly SkuMapEntry[]): string => {
  const rows = entries.flatMap(({ shopId, channelSku: name, components }) =>
    components.map((part) => [shopId ?? '', name, part.amazonSku, String(part.quantity)].map(cell).join(',')),
  );
  return [HEADER, ...rows].map((row) => `${row}\r\n`).join('');
};
