// The task of the tests of the queue: notes who began it, takes its time, and fails or kills its process where test_trouble demands it.

import { setTimeout as sleep } from 'node:timers/promises';
import { serveOnDatabase, type TimedTask } from '../../../src/runtime/jobs';

export interface TestTask {
  number: number;
  ms: number;
}

const BEGIN = 'INSERT INTO test_begun (number, pid) VALUES ($1, $2)';
const TROUBLE = 'SELECT kind FROM test_trouble WHERE number = $1';
const END = 'INSERT INTO test_result (number) VALUES ($1) ON CONFLICT DO NOTHING RETURNING 1 AS done';

serveOnDatabase<TestTask & TimedTask, { done: number }>(async ({ number, ms }, db) => {
  await db.rows(BEGIN, [number, process.pid]);
  const [trouble] = await db.rows<{ kind: string }>(TROUBLE, [number]);
  if (trouble?.kind === 'fails') throw new Error(`task ${number} always fails`);
  if (trouble?.kind === 'kills') process.kill(process.pid, 'SIGKILL');
  await sleep(ms);
  return { done: (await db.rows(END, [number])).length };
});
