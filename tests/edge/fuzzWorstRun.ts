// npm run fuzz -- --worst: the largest requests that the limits allow, storefronts' first, each alone against the real
// program; states which block the event loop or the processor for longer than any request may.

import { type Spent, withCostSetup } from '../bench/costSetup';
import { ROOT_FIELDS } from './fuzzRequests';
import { KEY, type WorstRequest, worstOf } from './fuzzWorst';

/** No request may hold the event loop, or cost the program's processor, for longer. */
const MAX_HOLD_MS = 100;
const MAX_CPU_MS = 500;
const LIMIT = 200_000;
const PRINTED = 25;

export interface WorstOptions {
  /** Only root fields whose name has this in it. */
  only: string;
  /** Prints every request, not only the worst. */
  all: boolean;
}

interface Measured extends WorstRequest {
  role: string;
  spent: Spent;
  kind: string;
}

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

/** What came back, in a word or two. */
export function kindOf({ status, data, errors }: Spent['answer']): string {
  const code = errors?.[0]?.extensions?.code;
  if (errors !== undefined)
    return `${status} ${String(code ?? 'an error without a code')} × ${errors.length}`;
  const values = Object.values((data ?? {}) as Record<string, { __typename?: string } | null>);
  return `${status} ${values[0]?.__typename ?? 'data'}`;
}

const line = ({ name, role, spent, kind, shape, points }: Measured): string =>
  [
    `${spent.blockedMs.toFixed(0).padStart(6)} hold ${spent.loopMs.toFixed(0).padStart(6)} loop`,
    `${spent.cpuMs.toFixed(0).padStart(6)} cpu ${spent.databaseMs.toFixed(0).padStart(6)} db`,
    `${spent.liveMs.toFixed(0).padStart(6)} live ${String(points).padStart(7)}/${spent.points.toFixed(0).padStart(7)} points`,
    `  ${name} (${role}, ${shape}): ${kind}`,
  ].join(' ');

function keyed(variables: Record<string, unknown>, key: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(variables).replaceAll(KEY, key)) as Record<string, unknown>;
}

/** Measures all of them; exits with 1 when any costs more than a request may. */
export async function runWorst({ only, all }: WorstOptions): Promise<void> {
  const measured: Measured[] = [];
  await withCostSetup(async ({ measure, tokens, world }) => {
    const asked = ROOT_FIELDS.filter(
      ({ root, field }) => root !== 'Subscription' && field.name.includes(only),
    );
    let sent = 0;
    for (const role of ['STOREFRONT', 'ADMIN'] as const) {
      for (const field of asked) {
        for (const request of worstOf(field, world, LIMIT)) {
          let spent: Spent | null = null;
          // The first time for what is compiled and looked up once; the second counts.
          for (let turn = 0; turn < 2; turn += 1) {
            sent += 1;
            spent = await measure(tokens[role], request.query, keyed(request.variables, `worst-${sent}`));
            if (kindOf(spent.answer).includes('FORBIDDEN') && role === 'STOREFRONT') break;
          }
          const kind = kindOf(spent!.answer);
          if (role === 'STOREFRONT' && spent!.answer.data == null && kind.includes('FORBIDDEN')) break;
          measured.push({ ...request, role, spent: spent!, kind });
          if (all) say(line(measured.at(-1)!));
        }
      }
    }
  });
  const print = (title: string, by: (one: Measured) => number): void => {
    say(`\n${title}`);
    for (const one of [...measured].sort((a, b) => by(b) - by(a)).slice(0, PRINTED)) say(line(one));
  };
  print('The longest blocks of the event loop (ms):', ({ spent }) => spent.blockedMs);
  print('The most processor (ms):', ({ spent }) => spent.cpuMs);
  print('The most of PostgreSQL’s processor (ms):', ({ spent }) => spent.databaseMs);
  const wrong = measured.filter(
    ({ spent, kind }) =>
      spent.blockedMs > MAX_HOLD_MS || spent.cpuMs > MAX_CPU_MS || /INTERNAL|without a code/.test(kind),
  );
  say(`\n${measured.length} requests, ${wrong.length} of them cost more than a request may or failed:`);
  for (const one of wrong) say(line(one));
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
