// Recovers connections that were being passed to a worker when it ended.

import type { Worker } from 'node:cluster';

/** What node:cluster passes to a worker: a socket that has no stream around it yet. */
interface SocketHandover {
  close(): void;
}

/**
 * Closes, when a worker ends, the connections that were being passed to it. The primary process keeps each until the
 * worker has confirmed that it has it; when that confirmation never comes node:cluster drops the connection and leaves
 * it open, and its client would wait without end (seen: 2 of 8 kills under load). One that the worker did take is
 * closed already.
 */
export function closeWithWorker(worker: Worker): void {
  const child = worker.process;
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  let last: SocketHandover | null = null;
  child.send = ((...args: unknown[]) => {
    const [, handle] = args as [unknown, SocketHandover | undefined];
    if (typeof handle?.close === 'function') last = handle;
    return send(...args);
  }) as typeof child.send;
  worker.once('exit', (code) => {
    // One that ended as it should had declined what it did not take, and that is another's now.
    if (code !== 0) last?.close();
  });
}
