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
/** What costs too much is measured so many times more. */
const AGAIN = 3;

export interface WorstOptions {
  /** Only root fields whose name has this in it. */
  only: string;
  /** Prints every request, not only the worst. */
  all: boolean;
}

interface Measured extends WorstRequest {
  role: 'STOREFRONT' | 'ADMIN';
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

const isTooMuch = ({ blockedMs, cpuMs }: Spent): boolean => blockedMs > MAX_HOLD_MS || cpuMs > MAX_CPU_MS;

/** The least of both: what other programs of the machine add is no cost of the request. */
const leastOf = (one: Spent, other: Spent): Spent => ({
  ...other,
  ...{ loopMs: Math.min(one.loopMs, other.loopMs), cpuMs: Math.min(one.cpuMs, other.cpuMs) },
  ...{ blockedMs: Math.min(one.blockedMs, other.blockedMs), liveMs: Math.min(one.liveMs, other.liveMs) },
});

/** Measures all of them; exits with 1 when any costs more than a request may. */
export async function runWorst({ only, all }: WorstOptions): Promise<void> {
  const measured: Measured[] = [];
  await withCostSetup(async ({ program, measure, tokens, world }) => {
    const roots = ROOT_FIELDS.filter(
      ({ root, field }) => root !== 'Subscription' && field.name.includes(only),
    );
    let sent = 0;
    const spentBy = async (role: Measured['role'], { name, shape, query, variables }: WorstRequest) => {
      sent += 1;
      try {
        return await measure(tokens[role], query, keyed(variables, `worst-${sent}`));
      } catch (error) {
        say(`${name} (${role}, ${shape}) has no answer: ${String((error as Error).cause)}`);
        say(program.stdout().slice(-3_000));
        throw error;
      }
    };
    for (const role of ['STOREFRONT', 'ADMIN'] as const) {
      for (const field of roots) {
        for (const request of worstOf(field, world, LIMIT)) {
          // The first time is for what is compiled and looked up once.
          const first = await spentBy(role, request);
          const forbidden = role === 'STOREFRONT' && kindOf(first.answer).includes('FORBIDDEN');
          if (forbidden && first.answer.data == null) break;
          let spent = forbidden ? first : await spentBy(role, request);
          for (let again = 0; again < AGAIN && isTooMuch(spent); again += 1)
            spent = leastOf(spent, await spentBy(role, request));
          measured.push({ ...request, role, spent, kind: kindOf(spent.answer) });
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
    ({ spent, kind }) => isTooMuch(spent) || /INTERNAL|without a code/.test(kind),
  );
  say(`\n${measured.length} requests, ${wrong.length} of them cost more than a request may or failed:`);
  for (const one of wrong) say(line(one));
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
