// A program that uses a thread and does not close its pool: threads.test.ts starts it in several ways.

import path from 'node:path';
import { threads } from '../../src/runtime/threads';
import type { Order } from './worker';

async function main(): Promise<void> {
  const pool = threads<Order, number>(path.join(__dirname, 'worker.ts'), {
    size: 1,
    workerData: { plus: 100 },
  });
  process.stdout.write(`${await pool.run({ act: 'add', numbers: Float64Array.of(7) })}\n`);
}

void main();
