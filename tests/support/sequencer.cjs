// Order of the test files: the longest first, so that the two workers end together.

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Files that took more than twenty seconds of two quiet cores, the longest first. Jest remembers how long files took, but a
 * fresh checkout has nothing to remember and would go by their size, by which crash.test.ts comes after a hundred others.
 */
const LONGEST = [
  'start/stop',
  'jobs/queue',
  'ledger/crash',
  'start/firstStart',
  'sales/importFile',
  'edge/fuzz',
  'db/embedded',
  'start/processes',
  'simulate/simulate',
  'forecast/nightBreaks',
  'forecast/forecastDemand',
  'ledger/audit',
  'forecastFile/series',
  'sales/reconcile',
  'replica/replica',
  'forecast/forecastReportCard',
  'start/badConfiguration',
  'ledger/partitionsDetach',
  'reservation/quotas',
  'forecastFile/badInput',
  'ledger/races',
  'forecastFile/reconcile',
  'forecast/scoreForecasts',
  'jobs/program',
].map((name) => join(__dirname, '..', `${name}.test.ts`));

for (const path of LONGEST) {
  if (!existsSync(path))
    throw new Error(`${path} is gone: take it out of the list in tests/support/sequencer.cjs.`);
}

/** Its position in the list; behind it for all others, which keep jest's order. */
function rank({ path }) {
  const index = LONGEST.indexOf(path);
  return index === -1 ? LONGEST.length : index;
}

module.exports = class LongestFirst extends Sequencer {
  async sort(tests) {
    return [...(await super.sort(tests))].sort((a, b) => rank(a) - rank(b));
  }
};
