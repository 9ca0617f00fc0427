// The pool of worker threads: tasks, their errors, threads that die, and threads that are stopped.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { type Threads, threads, WorkerDied } from '../../src/runtime/threads';
import { TYPESCRIPT } from '../support/typescript';
import type { Order } from './worker';

const WORKER = path.join(__dirname, 'worker.ts');
const pools: Threads<Order, unknown>[] = [];

function pool(size: number): Threads<Order, unknown> {
  const made = threads<Order, unknown>(WORKER, { size, workerData: { plus: 100 } });
  pools.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((each) => each.close()));
});

test('a task is done in a thread that knows its worker data', async () => {
  const { run } = bound(pool(2));
  await expect(run({ act: 'add', numbers: Float64Array.of(1, 2, 3) })).resolves.toBe(106);
});

test('more tasks than threads: all are done, by no more threads than the size', async () => {
  const { run } = bound(pool(2));
  const who = await Promise.all(Array.from({ length: 12 }, () => run({ act: 'who', ms: 5 })));
  expect(who).toHaveLength(12);
  expect(new Set(who).size).toBe(2);
});

test('an exception in a task rejects that task only', async () => {
  const { run } = bound(pool(1));
  const [bad, good] = await Promise.allSettled([run({ act: 'throw' }), run({ act: 'add' })]);
  expect(bad).toMatchObject({ status: 'rejected', reason: { name: 'RangeError', message: 'no such day' } });
  expect(good).toMatchObject({ status: 'fulfilled', value: 100 });
});

test('a task that cannot be copied rejects itself only', async () => {
  const { run } = bound(pool(1));
  await expect(run({ act: 'add', ms: (() => 1) as unknown as number })).rejects.toThrow(/clone/);
  await expect(run({ act: 'add' })).resolves.toBe(100);
});

test.each([
  ['exit', /exit code 3/],
  ['crash', /out of the blue/],
] as const)('a thread that dies by %s rejects its task and is replaced', async (act, message) => {
  const { run } = bound(pool(1));
  const before = await run({ act: 'who' });
  const dead = run({ act });
  const next = run({ act: 'who' });
  await expect(dead).rejects.toThrow(WorkerDied);
  await expect(dead).rejects.toThrow(message);
  expect(await next).not.toBe(before);
});

test('a worker file that cannot be loaded rejects the task with the reason', async () => {
  const broken = threads<Order, unknown>(path.join(__dirname, 'absent.ts'), { size: 1 });
  await expect(broken.run({ act: 'add' })).rejects.toThrow(/Cannot find module/);
  await broken.close();
});

test('buffers are handed over both ways', async () => {
  const { run } = bound(pool(1));
  const numbers = Float64Array.of(1, 2);
  const doubled = await run({ act: 'double', numbers }, { transfer: [numbers.buffer] });
  expect([...(doubled as Float64Array)]).toEqual([2, 4]);
  expect(numbers).toHaveLength(0);
});

test('a signal drops a task that waits and stops one that is under way; the others are done', async () => {
  const { run } = bound(pool(1));
  const stop = new AbortController();
  const long = run({ act: 'wait', ms: 60_000 }, { signal: stop.signal });
  const waiting = run({ act: 'add' }, { signal: stop.signal });
  const other = run({ act: 'add', numbers: Float64Array.of(5) });
  stop.abort(new Error('enough'));
  await expect(long).rejects.toThrow('enough');
  await expect(waiting).rejects.toThrow('enough');
  await expect(other).resolves.toBe(105);
  await expect(run({ act: 'add' }, { signal: stop.signal })).rejects.toThrow('enough');
});

test('close waits for what is under way, rejects what waits and what comes later', async () => {
  const one = pool(1);
  const { run } = bound(one);
  const first = run({ act: 'add', ms: 20 });
  const second = run({ act: 'add' });
  second.catch(() => undefined);
  await one.close();
  await expect(first).resolves.toBe(100);
  await expect(second).rejects.toThrow(/closed/);
  await expect(run({ act: 'add' })).rejects.toThrow(/closed/);
});

test('in order: results as the tasks came, and tasks are taken only when there is room', async () => {
  let taken = 0;
  function* tasks(): Generator<Order> {
    for (let i = 0; i < 20; i++) {
      taken++;
      yield { act: 'add', numbers: Float64Array.of(i), ms: i % 3 };
    }
  }
  const results: unknown[] = [];
  let most = 0;
  for await (const result of pool(2).inOrder(tasks(), { ahead: 3 })) {
    results.push(result);
    most = Math.max(most, taken - results.length);
  }
  expect(results).toEqual(Array.from({ length: 20 }, (_, i) => 100 + i));
  expect(most).toBeLessThanOrEqual(3);
});

test('in order: the first failure ends it', async () => {
  const orders: Order[] = [{ act: 'add' }, { act: 'throw' }, { act: 'add' }];
  const results: unknown[] = [];
  const all = async (): Promise<void> => {
    for await (const result of pool(2).inOrder(orders)) results.push(result);
  };
  await expect(all()).rejects.toThrow('no such day');
  expect(results).toEqual([100]);
});

test('a pool of no threads is refused', () => {
  expect(() => threads(WORKER, { size: 0 })).toThrow(/pool of 0 threads/);
});

test('a thread starts, and a pool left open does not keep the process alive', () => {
  const script = path.join(__dirname, 'program.ts');
  const { stdout, stderr, status } = spawnSync(process.execPath, [...TYPESCRIPT, script], {
    encoding: 'utf8',
  });
  expect({ stdout, stderr, status }).toEqual({ stdout: '107\n', stderr: '', status: 0 });
});

function bound(made: Threads<Order, unknown>): Pick<Threads<Order, unknown>, 'run'> {
  return { run: made.run.bind(made) };
}
