// npm run bench:cost: points and processor time of every query beside each other, so that prices are measured. A point
// should be about a microsecond of the main thread; what is far from that is priced wrongly.

import { ROOT_FIELDS } from '../edge/fuzzRequests';
import { worstOf } from '../edge/fuzzWorst';
import { kindOf } from '../edge/fuzzWorstRun';
import { withCostSetup } from './costSetup';

const LIMIT = 200_000;
const DEPTHS = [1, 3];
/** The first is for what is compiled and looked up once. */
const TURNS = 3;
/** Further from a microsecond a point than this is marked. */
const FAR = 2.5;

const only = process.argv[2] ?? '';
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(): Promise<void> {
  await withCostSetup(async ({ measure, tokens, world }) => {
    print('   µs/point      ms   points  query');
    for (const field of ROOT_FIELDS.filter(
      ({ root, field }) => root === 'Query' && field.name.includes(only),
    )) {
      for (const { name, shape, query, variables } of worstOf(field, world, LIMIT, DEPTHS)) {
        let [least, points, kind] = [Number.POSITIVE_INFINITY, 0, ''];
        for (let turn = 0; turn < TURNS; turn += 1) {
          const spent = await measure(tokens.ADMIN, query, variables);
          least = Math.min(least, spent.loopMs);
          points = spent.points;
          kind = kindOf(spent.answer);
        }
        const ratio = (least * 1_000) / Math.max(1, points);
        const mark = ratio > FAR ? 'dear ' : ratio < 1 / FAR ? 'cheap' : '     ';
        const numbers = [
          ratio.toFixed(2).padStart(6),
          least.toFixed(1).padStart(7),
          points.toFixed(0).padStart(8),
        ];
        print(`${mark}${numbers.join(' ')}  ${name} (${shape}): ${kind}`);
      }
    }
  });
}

void main().catch((error: unknown) => {
  print(String((error as Error).stack));
  process.exitCode = 1;
});
