// The thread of threads.test.ts: does what its task says.

import { threadId } from 'node:worker_threads';
import { serve, TransferredResult } from '../../src/runtime/threads';

export interface Order {
  act: 'add' | 'throw' | 'exit' | 'crash' | 'wait' | 'double' | 'who';
  numbers?: Float64Array;
  ms?: number;
}

/** Stands for arithmetic: it does not give way to anything. */
function busy(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

serve<Order, unknown, { plus: number }>((order, { plus }) => {
  const numbers = order.numbers ?? new Float64Array(0);
  busy(order.ms ?? 0);
  switch (order.act) {
    case 'add':
      return numbers.reduce((sum, each) => sum + each, plus);
    case 'throw':
      throw new RangeError('no such day');
    case 'exit':
      process.exit(3);
      break;
    case 'crash':
      setImmediate(() => {
        throw new Error('out of the blue');
      });
      return new Promise(() => undefined);
    case 'double': {
      const doubled = numbers.map((each) => each * 2);
      return new TransferredResult(doubled, [doubled.buffer]);
    }
    case 'who':
      return threadId;
    case 'wait':
      return null;
  }
});
