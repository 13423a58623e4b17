/** Where a command writes; errors go elsewhere. */
export type Output = { write(text: string): void; isJson: boolean };

const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ');

/** Rows in columns as wide as their widest cell; the last one is as it is. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_, column) =>
    Math.max(...clean.map((row) => row[column]?.length ?? 0)),
  );
  return clean
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** JSON where it is asked for, else words. */
export const print = (output: Output, value: unknown, words: () => string): void =>
  output.write(`${output.isJson ? JSON.stringify(value, null, 2) : words()}\n`);
