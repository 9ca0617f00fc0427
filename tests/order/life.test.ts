// Whole lives of orders, at random and through HTTP, against the model: the same answers, the same units, step by step.

import fc from 'fast-check';
import { startApp } from '../support/app';
import { live, step } from './lives';

const RUNS = Number(process.env.LIFE_RUNS ?? 5);
const STEPS = 90;
const LIMIT_MS = 240_000;

test(
  'any life of any orders is as the model has it',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' }), async (steps) => {
        const app = await startApp();
        try {
          await live(app, steps);
        } finally {
          await app.close();
        }
      }),
      // A failing seed is printed by fast-check; shrinking stops in time to be read.
      { numRuns: RUNS, interruptAfterTimeLimit: LIMIT_MS, markInterruptAsFailure: false },
    );
  },
  LIMIT_MS + 60_000,
);
