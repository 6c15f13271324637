const MIN_WIDTH = 12;
const PADDING = 3;

/**
 * Aligns columns as Go's tabwriter does for runc: each is at least 12 wide and 3 wider than its
 * widest cell. The last column is not padded. Each row is a line that ends in a newline.
 */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? MIN_WIDTH, [...cell].length + PADDING);
    }
  }
  return rows.map((row) => `${line(row, widths)}\n`).join('');
}

function line(row: readonly string[], widths: number[]): string {
  return row
    .map((cell, column) =>
      column === row.length - 1 ? cell : cell + ' '.repeat(widths[column]! - [...cell].length),
    )
    .join('');
}
