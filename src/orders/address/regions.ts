import { keyOf } from './text.ts';

/** First the code that is sent, then the names it goes by. */
export type RegionRow = readonly [code: string, ...names: string[]];

export type RegionTable = ReadonlyMap<string, string>;

const PREFIX = /^(?:the)?(?:stateof|commonwealthof|territoryof|provinceof|provincede|provincedu)/;
const SUFFIX = /(?:state|province|territory)$/;

/** A table to find codes by code or by any name, however it is spelt. */
export const regionTable = (rows: readonly RegionRow[]): RegionTable =>
  new Map(rows.flatMap((row) => row.map((name): [string, string] => [keyOf(name), row[0]])));

/** The code of a region named in words (`Illinois`, `State of Illinois`, `il`), or null when there is none. */
export function regionCode(table: RegionTable, name: string): string | null {
  const key = keyOf(name);
  return table.get(key) ?? table.get(key.replace(PREFIX, '')) ?? table.get(key.replace(SUFFIX, '')) ?? null;
}
