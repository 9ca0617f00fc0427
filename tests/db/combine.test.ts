// Gathering: what goes together, in which order, what is refused for want of room or time, and who fails when one does.

import { setTimeout as sleep } from 'node:timers/promises';
import { type CombineLimits, combine, type RequestDeadline } from '../../src/db/combine';
import { Refused } from '../../src/refusals';

interface Item {
  id: number;
  weight?: number;
  patience?: RequestDeadline;
}

/** A worker whose batches end when the test decides, and that knows what it was given. */
function bench(limits: Partial<CombineLimits> = {}, fails: (items: Item[]) => Error | null = () => null) {
  const batches: { ids: number[]; end: () => void }[] = [];
  const ask = combine<Item, number>(
    (items) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          const error = fails(items);
          if (error) reject(error);
          else resolve(items.map((i) => i.id * 10));
        };
        batches.push({ ids: items.map((i) => i.id), end });
      }),
    { limits, weigh: (i) => i.weight ?? 1, deadline: (i) => i.patience },
  );
  return { batches, ask };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const items = (from: number, count: number): Item[] =>
  Array.from({ length: count }, (_, i) => ({ id: from + i }));
const busy = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => (error instanceof Refused ? error.data : error));

test('what comes in one turn goes together; what comes meanwhile goes together in the next', async () => {
  const { batches, ask } = bench({ concurrentBatches: 1 });
  const first = items(1, 3).map(ask);
  await turn();
  const second = items(4, 4).map(ask);
  await turn();
  expect(batches.map((b) => b.ids)).toEqual([[1, 2, 3]]);
  batches[0]!.end();
  expect(await Promise.all(first)).toEqual([10, 20, 30]);
  await turn();
  batches[1]!.end();
  expect(await Promise.all(second)).toEqual([40, 50, 60, 70]);
  expect(batches).toHaveLength(2);
});

test('a second batch overlaps the first when enough wait, or when one has waited for long; never a third', async () => {
  const { batches, ask } = bench({ concurrentBatches: 2 });
  void ask({ id: 1 });
  await turn();
  const waiting = items(2, 40).map(ask);
  await turn();
  expect(batches.map((b) => b.ids.length)).toEqual([1, 40]);
  void ask({ id: 90 });
  await sleep(40);
  expect(batches).toHaveLength(2);
  batches[1]!.end();
  await Promise.all(waiting);
  void ask({ id: 91 });
  await sleep(40);
  expect(batches.map((b) => b.ids).slice(2)).toEqual([[90]]);
});

test('batches are bounded in number and in weight, and a heavy item keeps its location', async () => {
  const { batches, ask } = bench({ concurrentBatches: 1, maxBatch: 3, maxWeight: 10 });
  const asked = [{ id: 1 }, { id: 2, weight: 50 }, { id: 3 }, { id: 4 }, { id: 5 }, { id: 6 }].map(ask);
  for (const [i, ids] of [[1], [2], [3, 4, 5], [6]].entries()) {
    await turn();
    expect(batches[i]!.ids).toEqual(ids);
    batches[i]!.end();
  }
  expect(await Promise.all(asked)).toEqual([10, 20, 30, 40, 50, 60]);
});

test('a full queue is Busy at once, and states how full', async () => {
  const { batches, ask } = bench({ concurrentBatches: 1, maxQueue: 2 });
  const running = ask({ id: 1 });
  await turn();
  const queued = [ask({ id: 2 }), ask({ id: 3 })];
  expect(await busy(ask({ id: 4 }))).toMatchObject({ kind: 'Busy', retryAfterSeconds: 1 });
  batches[0]!.end();
  await running;
  await turn();
  batches[1]!.end();
  expect(await Promise.all(queued)).toEqual([20, 30]);
});

test('who waits longer than the limit, than its client, or whose client has gone, is not begun', async () => {
  const { batches, ask } = bench({ concurrentBatches: 1, maxWaitMs: 500 });
  const running = ask({ id: 1 });
  await turn();
  const now = performance.now();
  let present = true;
  const late = busy(ask({ id: 2 }));
  await sleep(510);
  const given = (until: number): RequestDeadline => ({ expiresAt: until, isAborted: () => !present });
  const gone = busy(ask({ id: 3, patience: given(now + 60_000) }));
  const expired = busy(ask({ id: 4, patience: { expiresAt: performance.now(), isAborted: () => false } }));
  const fine = ask({ id: 5, patience: { expiresAt: now + 60_000, isAborted: () => false } });
  present = false;
  batches[0]!.end();
  expect(await running).toBe(10);
  await turn();
  expect(batches[1]!.ids).toEqual([5]);
  batches[1]!.end();
  expect(await fine).toBe(50);
  for (const refusal of await Promise.all([late, gone, expired]))
    expect(refusal).toMatchObject({ kind: 'Busy', message: expect.stringContaining('nothing was done') });
});

test('a poisonous item fails alone; an unreachable database fails all of its batch, and is not asked again', async () => {
  const poison = bench({ concurrentBatches: 1 }, (some) =>
    some.some((i) => i.id === 3) ? new Error('poison') : null,
  );
  const asked = Promise.allSettled(items(1, 5).map(poison.ask));
  await turn();
  for (let i = 0; i < poison.batches.length; i += 1) {
    poison.batches[i]!.end();
    await turn();
  }
  expect((await asked).map((o) => (o.status === 'fulfilled' ? o.value : o.reason.message))).toEqual([
    10,
    20,
    'poison',
    40,
    50,
  ]);
  const cut = bench({ concurrentBatches: 1 }, () => Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
  const all = Promise.allSettled(items(1, 4).map(cut.ask));
  await turn();
  cut.batches[0]!.end();
  expect((await all).every((o) => o.status === 'rejected')).toBe(true);
  expect(cut.batches).toHaveLength(1);
});
