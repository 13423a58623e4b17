/** Rows under a header; a cell of several lines makes its row as high. */
export const renderTable = (
  header: readonly string[],
  rows: readonly (readonly (string | readonly string[])[])[],
): string => {
  const cells = [header, ...rows].map((row) => row.map((cell) => (typeof cell === 'string' ? [cell] : cell)));
  const widths = header.map((_, column) =>
    Math.max(...cells.flatMap((row) => (row[column] ?? []).map((line) => line.length))),
  );
  const lines = cells.flatMap((row) => {
    const height = Math.max(1, ...row.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) =>
      widths
        .map((width, column) => (row[column]?.[line] ?? '').padEnd(width))
        .join('  ')
        .trimEnd(),
    );
  });
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [lines[0] ?? '', rule, ...lines.slice(1)].join('\n');
};
