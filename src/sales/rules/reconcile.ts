// The tables that account for every unit of a file and of a feed.

/** Sums over all that a feed in lines has stated, and over its daily facts. */
export interface FeedTotals {
  lines: number;
  sold: number;
  cameBack: number;
  cancelled: number;
  /** Units of return events with a known sale, and without. */
  matched: number;
  unmatched: number;
  factUnits: number;
  factReturned: number;
  factRevenueMinor: number;
  lineRevenueMinor: number;
  days: number;
  series: number;
  /** Lines that repeat another of their document: the same SKU again. */
  repeats: number;
}

export const number = (n: number): string => n.toLocaleString('en');

/** A table of text: the first column to the left, numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const cell = (text: string, i: number) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!));
  return rows.map((row) => `  ${row.map(cell).join('  ')}\n`).join('');
}

/**
 * Accounts for a file: units of every line stated = sold − returned + those of rejected lines, by reason. Texts of units
 * that could not be read count as none.
 */
export function fileTable(figures: Readonly<Record<string, number>>): string {
  const of = (name: string): number => figures[name] ?? 0;
  const reasons = Object.keys(figures).filter((name) => /^aside [A-Z_]+$/.test(name));
  const rows = reasons.sort().map((name): [string, number, number] => {
    const code = name.slice('aside '.length);
    return [`rejected: ${code}`, of(name), of(`aside units ${code}`)];
  });
  rows.unshift(['sold', of('soldLines'), of('soldUnits')], ['returned', of('backLines'), -of('backUnits')]);
  if (of('mergedLines') > 0) rows.push(['repeated word for word', of('mergedLines'), of('mergedUnits')]);
  const lines = rows.reduce((sum, [, n]) => sum + n, 0);
  const units = rows.reduce((sum, [, , n]) => sum + n, 0);
  const difference = of('rawUnits') - units;
  return table([
    ['the file', 'lines', 'units'],
    ...rows.map(([what, a, b]): [string, string, string] => [what, number(a), number(b)]),
    ['sum', number(lines), number(units)],
    ['units in the file', '', number(of('rawUnits'))],
    ['difference', '', number(difference)],
  ]);
}

/** Accounts for a feed in lines: units stated, cancelled and returned, and the units of its daily facts. */
export function feedTable(t: FeedTotals): string {
  const rows: [string, number][] = [
    ['lines stated', t.lines],
    ['  that repeat a SKU of their document', t.repeats],
    ['units sold', t.sold],
    ['units returned', t.cameBack],
    ['  cancelled on the day of sale', t.cancelled],
    ['  returned, sale known', t.matched],
    ['  returned, sale not known', t.unmatched],
    ['  not accounted for', t.cameBack - t.cancelled - t.matched - t.unmatched],
    ['days: units sold', t.factUnits],
    ['  sold − cancelled − that', t.sold - t.cancelled - t.factUnits],
    ['days: units returned', t.factReturned],
    ['  returned − cancelled − that', t.cameBack - t.cancelled - t.factReturned],
    ['days: revenue (minor units)', t.factRevenueMinor],
    ['  of the lines − that', t.lineRevenueMinor - t.factRevenueMinor],
    ['daily facts', t.days],
    ['series', t.series],
  ];
  return table([['the feed', '', ''], ...rows.map(([a, b]): [string, string, string] => [a, number(b), ''])]);
}

/** False where the daily facts of a feed in lines do not equal the sums of its lines, which would be a bug. */
export function feedAgrees(t: FeedTotals): boolean {
  return (
    t.cameBack === t.cancelled + t.matched + t.unmatched &&
    t.sold - t.cancelled === t.factUnits &&
    t.cameBack - t.cancelled === t.factReturned &&
    t.lineRevenueMinor === t.factRevenueMinor
  );
}
