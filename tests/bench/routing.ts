// npm run bench:routing: routing simulated beside round-robin and longest idle; writes its table into src/contact/README.md.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type RoutingOutcome, simulate } from './routingRun';
import { POLICIES } from './routingSimulation';

const USAGE = `npm run bench:routing [-- --cases 5000 --seeds 5 --print]

  --cases   cases of each seed
  --seeds   seeds 1 to this number; the figures are over all of them
  --print   prints the table and leaves the page as it is`;
const PAGE = path.join(__dirname, '../../src/contact/README.md');
const MARKED = /(<!-- measured: npm run bench:routing -->\n)[\s\S]*?(<!-- end of measured part -->)/;

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0;

/** Standard deviation of the agents' work by its mean; 0: all work the same. */
function spreadOf(work: readonly number[]): number {
  const mean = work.reduce((a, b) => a + b, 0) / work.length;
  const variance = work.reduce((sum, one) => sum + (one - mean) ** 2, 0) / work.length;
  return Math.sqrt(variance) / mean;
}

function row(name: string, outcomes: readonly RoutingOutcome[]): string {
  const waits = outcomes.flatMap((one) => one.waits).sort((a, b) => a - b);
  const cases = outcomes.reduce((sum, one) => sum + one.cases, 0);
  const resolved = outcomes.reduce((sum, one) => sum + one.firstResolved, 0);
  const spread = outcomes.reduce((sum, one) => sum + spreadOf(one.work), 0) / outcomes.length;
  const share = resolved / cases;
  const margin = 1.96 * Math.sqrt((share * (1 - share)) / cases);
  return `| ${[
    name,
    ...[0.5, 0.9, 0.99].map((q) => quantile(waits, q).toFixed(0)),
    `${(100 * share).toFixed(1)} % ± ${(100 * margin).toFixed(1)}`,
    (waits.length / cases).toFixed(2),
    spread.toFixed(3),
  ].join(' | ')} |`;
}

function main(args: string[]): void {
  const { values } = parseArgs({
    args,
    options: {
      cases: { type: 'string', default: '5000' },
      seeds: { type: 'string', default: '5' },
      print: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [cases, seeds] = [Number(values.cases), Number(values.seeds)];
  if (values.help || !Number.isInteger(cases) || !Number.isInteger(seeds) || cases < 1 || seeds < 1)
    throw new Error(USAGE);
  const numbers = Array.from({ length: seeds }, (_, i) => i + 1);
  const table = [
    `${cases} cases of each of ${seeds} seeds.`,
    '',
    '| policy | wait p50 s | p90 | p99 | resolved at first contact | contacts a case | spread of load |',
    '|---|---|---|---|---|---|---|',
    ...POLICIES.map((policy) =>
      row(
        policy.name,
        numbers.map((seed) => simulate(policy, seed, cases)),
      ),
    ),
  ].join('\n');
  process.stdout.write(`${table}\n`);
  if (values.print) return;
  const page = readFileSync(PAGE, 'utf8');
  if (!MARKED.test(page)) throw new Error(`${PAGE} has no part for the figures of bench:routing.`);
  writeFileSync(PAGE, page.replace(MARKED, `$1${table}\n$2`));
}

main(process.argv.slice(2));
