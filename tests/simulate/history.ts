// One simulated history: drawn from a seed, played on the real program with the model beside it, and shortened when it fails.

import fc from 'fast-check';
import { live, type Step, step } from '../order/lives';
import { type Answer, startApp, type TestApp } from '../support/app';
import { type Fault, faulty } from './faults';

/** Statements of a transaction that a fault may hit: the longest act sends about as many. */
const MOST_STATEMENTS = 16;
/** Steps of five that meet a fault. */
const fault = fc.option(
  fc.record({
    at: fc.integer({ min: 1, max: MOST_STATEMENTS }),
    how: fc.constantFrom<Fault['how']>('CUT_BEFORE', 'CUT_AFTER', 'BUG'),
  }),
  { freq: 2, nil: null },
);

/** A step, and what goes wrong while it is taken. */
export interface Told {
  step: Step;
  fault: Fault | null;
}

/** Tries of a client that is told to try again: a fault comes once. */
const MAX_TRIES = 10;
const AGAIN = new Set(['UNAVAILABLE', 'INTERNAL_SERVER_ERROR']);

/** A client that says the same again, under the same key, until it is answered. */
function insist(app: TestApp): void {
  const ask = app.gql.bind(app);
  app.gql = async (...args): Promise<Answer> => {
    for (let tries = 1; ; tries += 1) {
      const answer = await ask(...args);
      const again = answer.errors?.some((e) => AGAIN.has(String(e.extensions?.code)));
      if (!again || tries === MAX_TRIES) return answer;
    }
  };
}

async function play(history: readonly Told[], prepare: (app: TestApp) => Promise<unknown>): Promise<void> {
  const app = await startApp();
  try {
    await prepare(app);
    insist(app);
    const arm = faulty(app.db);
    await live(
      app,
      history.map((told) => told.step),
      // The jobs are no client: nobody says again what they were told.
      ({ act }, i) => arm(act === 'wait' ? null : history[i]!.fault),
    );
    arm(null);
  } finally {
    await app.close();
  }
}

/** What came of one seed. */
export type Outcome =
  | { failed: false; steps: number }
  | { failed: true; steps: number; shortest: readonly Told[]; error: string };

export interface Options {
  seed: number;
  /** Steps of a history at most. */
  steps: number;
  /** How long a failing history is made shorter. */
  shrinkSeconds?: number;
  /** Done on each fresh database first: tests plant bugs with it. */
  prepare?: (app: TestApp) => Promise<unknown>;
}

const SHRINK_SECONDS = 120;

/** Plays the history of a seed; one that fails is played again and again, each time shorter, to the shortest that fails. */
export async function simulate({ seed, steps, shrinkSeconds, prepare }: Options): Promise<Outcome> {
  let played = 0;
  // Without the bias of a first run to small values, which here is the only one.
  const history = fc.noBias(
    fc.array(fc.record({ step, fault }), { minLength: 1, maxLength: steps, size: 'max' }),
  );
  const property = fc.asyncProperty(history, async (told) => {
    played = Math.max(played, told.length);
    await play(told, prepare ?? (async () => {}));
  });
  const result = await fc.check(property, {
    seed,
    numRuns: 1,
    interruptAfterTimeLimit: (shrinkSeconds ?? SHRINK_SECONDS) * 1_000,
    markInterruptAsFailure: false,
  });
  if (!result.failed || result.counterexample === null) return { failed: false, steps: played };
  const { errorInstance } = result;
  const error = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return { failed: true, steps: played, shortest: result.counterexample[0], error };
}
