// The simulation of routing: the same seed gives the same run, and no policy breaks what every one must respect.

import { simulate } from '../bench/routingRun';
import { ASSUMED, casesOf, POLICIES } from '../bench/routingSimulation';

const CASES = 150;

test.each(POLICIES.map((policy) => [policy.name, policy] as const))('%s', (_name, policy) => {
  const outcome = simulate(policy, 7, CASES);
  expect(simulate(policy, 7, CASES)).toEqual(outcome);
  expect(simulate(policy, 8, CASES).waits).not.toEqual(outcome.waits);
  expect(outcome.unserved).toBe(0);
  expect(outcome.waits.length).toBeGreaterThanOrEqual(CASES);
  expect(outcome.waits.length).toBeLessThanOrEqual(CASES * ASSUMED.maxContacts);
  expect(Math.min(...outcome.waits)).toBeGreaterThanOrEqual(0);
  expect(outcome.firstResolved).toBeLessThanOrEqual(CASES);
  // A call takes a whole agent, and nobody ever gets more.
  expect(outcome.mostLoad).toBe(10);
  expect(outcome.work).toHaveLength(ASSUMED.agents);
  expect(Math.min(...outcome.work)).toBeGreaterThan(0);
});

test('every policy serves the same cases', () => {
  expect(casesOf(3, 50)).toEqual(casesOf(3, 50));
  expect(casesOf(3, 50)).not.toEqual(casesOf(4, 50));
});

test('routing by skill, language and case resolves more at once than round-robin', () => {
  const [first] = POLICIES;
  const resolved = (policy: typeof first) => simulate(policy!, 1, 600).firstResolved;
  expect(resolved(POLICIES.at(-1))).toBeGreaterThan(resolved(first));
});
