// The program behind `npm run match`: a command line into groups, proposals or the evidence of two records.

import { csvLine } from '../../csv/rules/cells';
import { createExplainer, type PairEvidence } from '../../matcher/explain';
import { type MatchResult, matchPeople } from '../../matcher/matcher';
import { OperatorError } from '../../refusals';
import { type Output, put, toFile, toStandardOutput } from '../forecastFile/output';
import { type MatchCommand, readFlags } from './flags';
import { HELP } from './help';
import { readPeople } from './read';

/** Receives progress messages and warnings. */
type PrintLine = (text: string) => void;

/** Runs one command line. @throws OperatorError for what is wrong with it or with a file; no table is left then */
export async function program(args: string[], print: PrintLine): Promise<void> {
  const command = readFlags(args);
  if (command === null) {
    process.stdout.write(HELP);
    return;
  }
  const { input, ignored } = await readPeople(command.file, command.columns);
  const known = new Set(command.explain === null ? [] : input.records.map(({ id }) => id));
  const unknown = command.explain?.find((id) => !known.has(id));
  if (unknown !== undefined) throw new OperatorError(`--explain: ${command.file} has no record ${unknown}.`);
  if (ignored.length > 0) print(`Columns that are not compared: ${ignored.join(', ')}.`);
  const started = performance.now();
  const outputs = openOutputs(command);
  try {
    const result = matchPeople(input, {
      joinBits: command.joinBits,
      proposeBits: command.proposeBits,
      onProgress: (step) => print(`${((performance.now() - started) / 1000).toFixed(1)} s: ${step} …`),
    });
    if (outputs.groups) await writeGroups(result, outputs.groups);
    if (outputs.proposals) await writeProposals(result, outputs.proposals);
    if (command.explain) process.stdout.write(waterfall(createExplainer(result)(...command.explain)));
    for (const output of Object.values(outputs)) await output?.close();
    print(reportOf(result, (performance.now() - started) / 1000));
  } catch (error) {
    for (const output of Object.values(outputs)) await output?.discard();
    throw error;
  }
}

function openOutputs({ out, proposals, explain }: MatchCommand): {
  groups: Output | null;
  proposals: Output | null;
} {
  const standard = explain === null ? toStandardOutput : () => null;
  return {
    groups: out === null ? standard() : toFile(out),
    proposals: proposals === null ? null : toFile(proposals),
  };
}

const LINES_AT_ONCE = 10_000;

async function writeLines(output: Output, header: string[], lines: Iterable<string>): Promise<void> {
  let text = [csvLine(header)];
  for (const line of lines) {
    text.push(line);
    if (text.length < LINES_AT_ONCE) continue;
    await put(output.stream, `${text.join('\n')}\n`);
    text = [];
  }
  if (text.length > 0) await put(output.stream, `${text.join('\n')}\n`);
}

async function writeGroups({ ids, groups }: MatchResult, output: Output): Promise<void> {
  await writeLines(
    output,
    ['record', 'group'],
    ids.map((id, i) => csvLine([id, groups[i]!])),
  );
}

async function writeProposals(result: MatchResult, output: Output): Promise<void> {
  const explain = createExplainer(result);
  const round = (bits: number): number => Number(bits.toFixed(2));
  const lines = result.proposals.map(({ groups, odds, left, right }) => {
    const { parts, bits } = explain(left, right);
    const probability = Number((1 / (1 + 2 ** -odds)).toFixed(4));
    const evidence = parts.map((part) => round(part.bits));
    return csvLine([...groups, round(odds), probability, left, right, round(bits), ...evidence]);
  });
  const attributes = ['prior', 'forename', 'surname', 'further names', 'birth date', 'postcode'];
  await writeLines(
    output,
    [
      ...['group_a', 'group_b', 'log2_odds', 'probability', 'record_a', 'record_b', 'bits'],
      ...[...attributes, ...result.people.attributes].map((name) => `bits ${name}`),
    ],
    lines,
  );
}

/** The evidence as a table with a running sum. */
function waterfall({ left, right, parts, bits, probability }: PairEvidence): string {
  let sum = 0;
  const rows = parts.map((part) => {
    sum += part.bits;
    const values = part.left === '' && part.right === '' ? '' : `${part.left || '–'} | ${part.right || '–'}`;
    return [part.attribute, part.agreement, part.bits.toFixed(2), sum.toFixed(2), values];
  });
  const table = [['attribute', 'agreement', 'bits', 'sum', 'values'], ...rows];
  const width = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map(([a, b, c, d, values]) =>
    `${a!.padEnd(width[0]!)}  ${b!.padEnd(width[1]!)}  ${c!.padStart(width[2]!)}  ${d!.padStart(width[3]!)}  ${values}`.trimEnd(),
  );
  const verdict = `${left} and ${right}: ${bits.toFixed(2)} bits, probability ${probability.toFixed(4)} that they are one person, by this pair alone.`;
  return `${lines.join('\n')}\n${verdict}\n`;
}

function reportOf({ ids, groups, proposals }: MatchResult, seconds: number): string {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  let largest = 0;
  for (const size of sizes.values()) largest = Math.max(largest, size);
  return `${ids.length} records, ${sizes.size} groups, the largest of ${largest}; ${proposals.length} proposals. ${seconds.toFixed(1)} s.`;
}
