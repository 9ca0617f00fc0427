// The order in which requests of several callers begin: nobody starves, shares are equal by cost, a light caller passes a flood.

import fc from 'fast-check';
import { type FairRequest, FairShares, FREE, MAX_DELAY_MS, YOUNG_MS } from '../../src/server/fairShares';

const SLICE_MS = 4;
const nobodyAlone = (): boolean => false;

/** A process with one event loop: requests that have begun are worked on in turns, as its loop does. */
class SimulatedProcess {
  now = 0;
  readonly shares = new FairShares(SLICE_MS);
  readonly running: { request: FairRequest; leftMs: number; costMs: number }[] = [];
  readonly workedMs = new Map<string, number>();
  readonly answered = new Map<string, number>();
  onAnswer: (request: FairRequest) => void = () => {};

  begin(request: FairRequest, costMs: number): void {
    this.shares.setCost(request, costMs);
    this.running.push({ request, leftMs: costMs, costMs });
  }

  send(key: string, costOf: (key: string) => number): FairRequest {
    const request = this.shares.enter(key, false, this.now);
    if (request.state === 'RUNNING') this.begin(request, costOf(key));
    return request;
  }

  /** One piece of work of the loop, and what then begins. */
  step(costOf: (key: string) => number): void {
    const first = this.running.shift();
    if (first === undefined) this.now += 1;
    else {
      const { request, leftMs } = first;
      const piece = Math.min(leftMs, 1);
      const { key } = request.caller;
      this.now += piece;
      this.workedMs.set(key, (this.workedMs.get(key) ?? 0) + piece);
      first.leftMs -= piece;
      if (first.leftMs > 1e-9) this.running.push(first);
      else {
        this.shares.leave(request);
        this.answered.set(key, (this.answered.get(key) ?? 0) + 1);
        this.onAnswer(request);
      }
    }
    for (
      let next = this.shares.next(nobodyAlone, this.now);
      next !== null;
      next = this.shares.next(nobodyAlone, this.now)
    )
      this.begin(next, costOf(next.caller.key));
  }
}

/** Floods with so many connections each, all sending the next request as soon as one is answered. */
function flooded(connections: Record<string, number>, costOf: (key: string) => number): SimulatedProcess {
  const process = new SimulatedProcess();
  process.onAnswer = ({ caller }) => {
    if (connections[caller.key]) process.send(caller.key, costOf);
  };
  for (const [key, count] of Object.entries(connections))
    for (let i = 0; i < count; i += 1) process.send(key, costOf);
  return process;
}

const floods = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    connections: fc.integer({ min: 30, max: 200 }),
    costMs: fc.double({ min: 0.1, max: 12, noNaN: true }),
  }),
  { selector: ({ key }) => key, minLength: 2, maxLength: 5 },
);

test('callers that always have requests waiting get equal shares of the work, whatever they cost and however many they send', () => {
  fc.assert(
    fc.property(floods, (callers) => {
      const costs = new Map<string, number>(callers.map(({ key, costMs }) => [key, costMs]));
      const costOf = (key: string): number => costs.get(key)!;
      const process = flooded(
        Object.fromEntries(callers.map(({ key, connections }) => [key, connections])),
        costOf,
      );
      // What is light at the first moment, and the first estimates.
      while (process.now < 1_000) process.step(costOf);
      const before = new Map(process.workedMs);
      while (process.now < 4_000) process.step(costOf);
      const worked = callers.map(({ key }) => process.workedMs.get(key)! - (before.get(key) ?? 0));
      const fair = 3_000 / callers.length;
      for (const ms of worked) expect(Math.abs(ms - fair)).toBeLessThan(0.1 * fair + 24);
    }),
    { numRuns: 15 },
  );
});

test('a request of a caller that sends one now and then begins at once, whatever the flood', () => {
  fc.assert(
    fc.property(floods, fc.integer({ min: 1, max: 40 }), (callers, pauseMs) => {
      const costs = new Map<string, number>(callers.map(({ key, costMs }) => [key, costMs]));
      const costOf = (key: string): number => costs.get(key) ?? 0.5;
      const process = flooded(
        Object.fromEntries(callers.map(({ key, connections }) => [key, connections])),
        costOf,
      );
      const flood = process.onAnswer;
      let isUnderWay = false;
      process.onAnswer = (request) => {
        if (request.caller.key === 'quiet') isUnderWay = false;
        else flood(request);
      };
      let due = 0;
      while (process.now < 500) {
        if (!isUnderWay && process.now >= due) {
          const request = process.send('quiet', costOf);
          expect(request.state).toBe('RUNNING');
          isUnderWay = true;
          due = process.now + pauseMs;
        }
        process.step(costOf);
      }
    }),
    { numRuns: 20 },
  );
});

test('beside a flood in execution at most a slice of its work has begun, and at least one request', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 30, noNaN: true }), (costMs) => {
      const process = flooded({ flood: 300, other: 300 }, () => costMs);
      while (process.now < 300) process.step(() => costMs);
      for (let i = 0; i < 500; i += 1) {
        process.step(() => costMs);
        const begunMs = process.running.reduce((sum, { costMs: ms }) => sum + ms, 0);
        expect(process.running.length).toBeGreaterThanOrEqual(1);
        // One that takes longer than MAX_DELAY_MS lets one of the other pass.
        const most = costMs > MAX_DELAY_MS ? 2 * costMs : costMs;
        expect(begunMs).toBeLessThanOrEqual(Math.max(SLICE_MS, most) + 1e-6);
      }
    }),
    { numRuns: 20 },
  );
});

test('no request waits for ever: each begins within the rounds of those before it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.double({ min: 0.1, max: 9, noNaN: true })), {
        minLength: 1,
        maxLength: 200,
      }),
      (sent) => {
        const process = new SimulatedProcess();
        const costOf = (key: string): number => sent.find(([name]) => name === key)![1];
        for (const [key] of sent) process.send(key, costOf);
        const total = sent.reduce((sum, [key]) => sum + costOf(key), 0);
        while (process.now < total - 1e-6) process.step(costOf);
        process.step(costOf);
        const answered = [...process.answered.values()].reduce((sum, n) => sum + n, 0);
        expect(answered).toBe(sent.length);
        expect([...'abc'].map((key) => process.shares.countOf(key))).toEqual([0, 0, 0]);
      },
    ),
    { numRuns: 100 },
  );
});

test('requests that wait for a lock stop neither their caller nor others, and few of them are begun', () => {
  const shares = new FairShares(SLICE_MS);
  const stuck: FairRequest[] = [];
  for (let i = 0; i < 100; i += 1) stuck.push(shares.enter('stuck', false, 0));
  const running = (): number => stuck.filter(({ state }) => state === 'RUNNING').length;
  expect(running()).toBe(FREE);
  for (let now = 0; now < 1_000; now += 10) while (shares.next(nobodyAlone, now) !== null);
  expect(running()).toBeLessThanOrEqual(2 * FREE);
  // Others do not wait for it, also not those that have requests waiting.
  const others = Array.from({ length: 20 }, () => shares.enter('other', false, 1_000));
  for (let now = 1_000; others.some(({ state }) => state === 'WAITING'); now += 1) {
    for (const one of others) if (one.state === 'RUNNING') shares.leave(one);
    while (shares.next(nobodyAlone, now) !== null);
    expect(now).toBeLessThan(1_100);
  }
  // Once they are answered, the rest begins.
  for (const one of stuck) if (one.state === 'RUNNING') shares.leave(one);
  expect(shares.next(nobodyAlone, 1_200)?.caller.key).toBe('stuck');
});

test('a slow caller passes no limit of work, and is passed', () => {
  const shares = new FairShares(SLICE_MS);
  // Each request costs more than a slice.
  const begun = Array.from({ length: 10 }, () => {
    const request = shares.enter('slow', false, 0);
    if (request.state === 'RUNNING') shares.setCost(request, 10);
    return request;
  }).filter(({ state }) => state === 'RUNNING');
  // Light until it has begun four slices.
  expect(begun).toHaveLength(2);
  expect(shares.next(nobodyAlone, 1)).toBeNull();
  expect(shares.next(nobodyAlone, YOUNG_MS + 1)).toBeNull();
  // By now it must be waiting for something else than the processor.
  expect(shares.next(nobodyAlone, 5 * YOUNG_MS)).not.toBeNull();
});

test('a caller that is alone has no queue, and a caller without requests is forgotten', () => {
  const shares = new FairShares(SLICE_MS);
  const all = Array.from({ length: 1_000 }, () => shares.enter('alone', true, 0));
  expect(all.every(({ state }) => state === 'RUNNING')).toBe(true);
  for (const one of all) shares.leave(one);
  expect(shares.countOf('alone')).toBe(0);
  // A request that leaves twice, or before it began, counts once.
  const waiting = Array.from({ length: 9 }, () => shares.enter('many', false, 0)).at(-1)!;
  expect(waiting.state).toBe('WAITING');
  shares.leave(waiting);
  shares.leave(waiting);
  expect(shares.countOf('many')).toBe(8);
});
