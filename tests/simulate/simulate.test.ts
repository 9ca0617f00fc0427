// The simulator: seeds pass, a seed is one history to the letter, and a bug that is planted is found and reported in few steps.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Db } from '../../src/db/pool';
import { Lane, simulate, simulateAll } from './history';
import { MUTANTS } from './mutants';
import { history } from './steps';

const LIMIT_MS = 180_000;
const STEPS = 24;

test.each(MUTANTS)('the text that the drill replaces is there: $name', ({ file, good }) => {
  const text = readFileSync(join(__dirname, '../..', file), 'utf8');
  expect(text.split(good)).toHaveLength(2);
});

test(
  'histories with crowds, cut connections and bugs in the middle are as the model has it',
  async () => {
    const { failed, digests } = await simulateAll({ first: 1, seeds: 12, steps: STEPS, lanes: 3 });
    expect(failed).toBeNull();
    expect(new Set(digests).size).toBe(12);
  },
  LIMIT_MS,
);

test(
  'the same seed is the same history to the letter, whoever waits for whom',
  async () => {
    const lanes = [new Lane(), new Lane()];
    for (let seed = 101; seed <= 104; seed += 1) {
      const [told] = fc.sample(history(STEPS), { seed, numRuns: 1 });
      const [one, other] = await Promise.all(lanes.map((lane) => lane.play(told!)));
      expect(other!.lines).toEqual(one!.lines);
      expect(one!.lines.length).toBeGreaterThan(STEPS);
    }
    await Promise.all(lanes.map((lane) => lane.close()));
  },
  LIMIT_MS,
);

// A reservation of three writes down one unit too few: the levels are right, the ledger is not.
const PLANT = `
  CREATE FUNCTION bug() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.reason = 'HELD' AND NEW.quantity = 3 THEN NEW.quantity := 2; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER bug BEFORE INSERT ON stock_move FOR EACH ROW EXECUTE FUNCTION bug()`;

test(
  'a planted bug is found and reported in few steps',
  async () => {
    const lane = new Lane((db: Db) => db.pool.query(PLANT));
    for (let seed = 1; seed <= 20; seed += 1) {
      const outcome = await simulate(lane, { seed, steps: STEPS, shrinkSeconds: 40 });
      if (!outcome.failed) continue;
      expect(outcome.shortest.length).toBeLessThanOrEqual(2);
      return;
    }
    throw new Error('the planted bug was not met');
  },
  LIMIT_MS,
);
