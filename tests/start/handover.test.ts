// A worker dies while connections are being handed to it: their clients notice at once, by the end of the connection.

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { endPrograms, startProgram } from '../support/process';

jest.setTimeout(120_000);

afterEach(endPrograms);

/** The processes that this one started, the youngest last. */
function children(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

const linux = process.platform === 'linux' ? test : test.skip;

linux('no connection is left open and forgotten', async () => {
  const program = await startProgram({ env: { API_PROCESSES: '2', JOBS: 'false' } }).ready();
  const workers = children(program.pid).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('apiWorker'),
  );
  expect(workers).toHaveLength(2);
  // Both stand still: whatever is handed to them now is not taken.
  for (const pid of workers) process.kill(pid, 'SIGSTOP');
  const { hostname, port } = new URL(program.url);
  const ended = Array.from(
    { length: 6 },
    () =>
      new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname);
        socket.on('connect', () =>
          socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
        );
        socket.on('error', () => {});
        socket.resume().on('close', () => resolve());
      }),
  );
  // For the first process to accept them; where that were too short, the test would only be milder.
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (const pid of workers) process.kill(pid, 'SIGKILL');
  await Promise.all(ended);
});
