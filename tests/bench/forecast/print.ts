// Markdown tables, with the figures of the data's README as rows that were measured elsewhere.

export type Cell = string | number | null;

export interface Table {
  title: string;
  head: string[];
  /** Decimals of each column behind the first. */
  decimals: number[];
  rows: { name: string; cells: Cell[]; ours?: true }[];
  /** Printed under the table. */
  notes?: string[];
}

/** Rows quoted from the data's README (dev half); they were not measured by this run. */
export function elsewhere(lines: [string, ...Cell[]][]): Table['rows'] {
  return lines.map(([name, ...cells]) => ({ name: `${name} ¹`, cells }));
}

export function printed({ title, head, decimals, rows, notes = [] }: Table): string {
  const text = (cell: Cell, at: number): string => {
    if (cell === null || (typeof cell === 'number' && !Number.isFinite(cell))) return '';
    return typeof cell === 'string' ? cell : cell.toFixed(decimals[at] ?? 3);
  };
  const bold = (text: string, ours?: true): string => (ours && text !== '' ? `**${text}**` : text);
  const lines = rows.map(({ name, cells, ours }) =>
    [bold(name, ours), ...decimals.map((_, at) => bold(text(cells[at] ?? null, at), ours))].join(' | '),
  );
  const width = head.length;
  return [
    `### ${title}`,
    '',
    `| ${head.join(' | ')} |`,
    `|${'---|'.repeat(width)}`,
    ...lines.map((line) => `| ${line} |`),
    '',
    ...notes.flatMap((note) => [note, '']),
  ].join('\n');
}
