// The simulator: seeds pass, and a bug that is planted is found and told in few steps.

import { simulate } from './history';

const LIMIT_MS = 120_000;
const SEEDS = 6;

test(
  'histories with cut connections and bugs in the middle are as the model has it',
  async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      expect(await simulate({ seed, steps: 30 })).toEqual({ failed: false, steps: expect.any(Number) });
    }
  },
  LIMIT_MS,
);

test(
  'the same seed is the same history',
  async () => {
    const lengths = [];
    for (const seed of [7, 7]) lengths.push((await simulate({ seed, steps: 20 })).steps);
    expect(lengths[0]).toBe(lengths[1]);
  },
  LIMIT_MS,
);

// A hold that is released gives one unit too many back: the moves and the level agree, the model does not.
const PLANT = `
  CREATE FUNCTION bug() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.reason = 'HELD' AND NEW.quantity = 3 THEN NEW.quantity := 2; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER bug BEFORE INSERT ON stock_move FOR EACH ROW EXECUTE FUNCTION bug()`;

test(
  'a planted bug is found and told in few steps',
  async () => {
    const prepare = (app: { db: { pool: { query(sql: string): Promise<unknown> } } }) =>
      app.db.pool.query(PLANT);
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const outcome = await simulate({ seed, steps: 40, shrinkSeconds: 30, prepare });
      if (!outcome.failed) continue;
      expect(outcome.shortest.length).toBeLessThanOrEqual(2);
      return;
    }
    throw new Error('the planted bug was not met');
  },
  LIMIT_MS,
);
