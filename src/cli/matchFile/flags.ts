// The flags of `npm run match`, read and checked as far as they can be without looking into a file.

import { parseArgs } from 'node:util';
import { OperatorError } from '../../refusals';
import { type ColumnRole, type NamedColumns, ROLES } from './columns';

export interface MatchCommand {
  file: string;
  out: string | null;
  proposals: string | null;
  explain: [string, string] | null;
  columns: NamedColumns;
  joinBits: number;
  proposeBits: number;
}

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  out: { type: 'string' },
  proposals: { type: 'string' },
  explain: { type: 'string' },
  columns: { type: 'string' },
  join: { type: 'string' },
  propose: { type: 'string' },
} as const;
const MOST_BITS = 60;

function parse(args: string[]) {
  try {
    return parseArgs({ args: args.map(withNegative), options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new OperatorError(`${(error as Error).message.split('. ')[0]}. All flags: --help`);
  }
}

/** `--propose -4` is a flag and a negative number; the parser takes that for two flags unless they are one word. */
function withNegative(arg: string, at: number, all: string[]): string {
  if (/^-\d/.test(arg) && /^--(?:join|propose)$/.test(all[at - 1] ?? '')) return ` ${arg}`;
  return arg;
}

/** Reads the command line; null: help is wanted. @throws OperatorError */
export function readFlags(args: string[]): MatchCommand | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const [file, ...more] = positionals;
  if (file === undefined) throw new OperatorError('Which file? npm run match -- people.csv (more: --help)');
  if (more.length > 0)
    throw new OperatorError(`One file at a time, not also ${more.join(', ')}. All flags: --help`);
  const joinBits = values.join === undefined ? 0 : bitsIn(values.join, '--join');
  const proposeBits =
    values.propose === undefined ? Math.min(-4, joinBits) : bitsIn(values.propose, '--propose');
  if (proposeBits > joinBits)
    throw new OperatorError(
      `--propose ${proposeBits} is above --join ${joinBits}; nothing could be proposed.`,
    );
  return {
    file,
    out: values.out ?? null,
    proposals: values.proposals ?? null,
    explain: values.explain === undefined ? null : pairIn(values.explain),
    columns: columnsIn(values.columns),
    joinBits,
    proposeBits,
  };
}

function bitsIn(text: string, flag: string): number {
  const bits = text.trim() === '' ? Number.NaN : Number(text);
  if (!(Math.abs(bits) <= MOST_BITS))
    throw new OperatorError(
      `${flag} is '${text.trim()}'; it must be a number from −${MOST_BITS} to ${MOST_BITS}.`,
    );
  return bits;
}

function pairIn(text: string): [string, string] {
  const [left, right, ...more] = text.split(',').map((each) => each.trim());
  if (!left || !right || more.length > 0)
    throw new OperatorError(`--explain is '${text}'; it must be two records: --explain 4711,4712`);
  if (left === right) throw new OperatorError(`--explain is '${text}'; it must be two different records.`);
  return [left, right];
}

function columnsIn(text: string | undefined): NamedColumns {
  const named: NamedColumns = { roles: new Map(), others: [] };
  for (const part of text?.split(',') ?? []) {
    const [, role, name] = /^\s*(\w+)\s*=\s*(.+?)\s*$/.exec(part) ?? [];
    if (role === undefined || name === undefined)
      throw new OperatorError(`--columns is '${text}'; it must be like record=id,surname=name (see --help).`);
    if (role === 'other') named.others.push(name);
    else if (ROLES.includes(role as ColumnRole)) named.roles.set(role as ColumnRole, name);
    else throw new OperatorError(`--columns has '${role}'; it may have ${ROLES.join(', ')} and other.`);
  }
  return named;
}
