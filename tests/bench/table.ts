// The table of npm run bench: what was measured, its yardstick, what was required, and what was missed.

import type { Sample } from './rounds';

export interface Line extends Sample {
  name: string;
  /** The name of the line it is set against. */
  beside?: string;
  /** Required ratio of requests a second to those of that line. */
  requiredRatio?: number;
  requiredP99Ms?: number;
}

interface Judged extends Line {
  ratio: number | null;
  missed: string[];
}

const whole = (n: number): string => n.toFixed(n < 10 ? 1 : 0);
const ms = (n: number | null): string => (n === null ? '' : n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0));

/** Sets each line against the one it names. A yardstick that could not be measured leaves the ratio null. */
export function judge(lines: readonly Line[]): Judged[] {
  const speed = new Map(lines.map((line) => [line.name, line.perSecond]));
  return lines.map((line) => {
    const yardstick = line.beside === undefined ? undefined : speed.get(line.beside);
    const ratio = yardstick === undefined ? null : line.perSecond / yardstick;
    const missed: string[] = [];
    if (ratio !== null && line.requiredRatio !== undefined && ratio < line.requiredRatio)
      missed.push(`at least ${line.requiredRatio} was asked`);
    if (line.requiredP99Ms !== undefined && (line.p99Ms ?? 0) > line.requiredP99Ms)
      missed.push(`at most ${line.requiredP99Ms} ms was asked`);
    return { ...line, ratio, missed };
  });
}

function cellsOf(line: Judged): string[] {
  const required = [
    line.requiredRatio === undefined ? '' : `≥ ${line.requiredRatio}`,
    line.requiredP99Ms === undefined ? '' : `p99 ≤ ${line.requiredP99Ms}`,
  ].join('');
  const withoutYardstick = line.beside !== undefined && line.ratio === null;
  return [
    line.name,
    whole(line.perSecond),
    ms(line.medianMs),
    ms(line.p99Ms),
    ms(line.serverMs),
    ms(line.databaseMs),
    withoutYardstick ? 'no yardstick' : line.ratio === null ? '' : line.ratio.toFixed(2),
    required,
    line.missed.length > 0 ? 'MISSED' : required === '' || withoutYardstick ? '' : 'met',
  ];
}

const HEAD = ['', 'a second', 'median ms', 'p99 ms', 'CPU ms API', 'CPU ms PostgreSQL', 'ratio', 'asked', ''];

/** The table as text: one line each, columns under each other. */
export function tableOf(lines: readonly Judged[]): string {
  const table = [HEAD, ...lines.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  return table
    .map((cells) =>
      cells
        .map((cell, i) => (i === 0 || i > 6 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
