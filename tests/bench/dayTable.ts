// Lines and tables on the terminal.

export function print(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Prints rows in aligned columns: the first aligned to the left, all others to the right. */
export function columns(rows: string[][]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    print(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '));
  }
}

/** Milliseconds with as many digits as mean something. */
export const ms = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
