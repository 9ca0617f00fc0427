// Whose request is executed next, over HTTP: another caller's, however many requests of a flood wait; and connections per address.

import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import express from 'express';
import { ADMISSION, Admission } from '../../src/server/admission';
import { openApi } from '../../src/server/api';
import { FREE, LEAST_ESTIMATE_MS } from '../../src/server/fairShares';
import { Refuser } from '../../src/server/refusing';
import type { ApiRequest } from '../../src/server/request';
import { startApp } from '../support/app';

const FLOOD = 100;
const SLICE_MS = 1;

describe('the order of execution', () => {
  let server: Server;
  let url: string;
  /** Requests in execution, in the order in which they began; the test answers them. */
  const begun: { caller: string; answer: () => void }[] = [];
  /** Callers of the requests that came. */
  const arrived: string[] = [];

  beforeAll(async () => {
    const app = express();
    const { takeTurn, enterGate } = new Admission(ADMISSION, {
      callerLimits: { concurrentPerToken: 0, concurrentWithoutToken: 0, fairSliceMs: SLICE_MS },
      hasSiblings: false,
      refuser: new Refuser(),
      databaseUse: () => 0,
    });
    const name = (req: ApiRequest, _res: unknown, next: () => void): void => {
      req.callerKey = req.get('x-caller')!;
      arrived.push(req.callerKey);
      // Any caller: with none at all it would be a request without a token.
      req.caller = {} as NonNullable<ApiRequest['caller']>;
      next();
    };
    app.use(name as never, takeTurn as never, enterGate as never, (req, res) => {
      begun.push({ caller: (req as ApiRequest).callerKey!, answer: () => res.end('answered') });
    });
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const send = (caller: string): Promise<number> =>
    fetch(url, { headers: { 'x-caller': caller } }).then(({ status }) => status);
  const until = async (test: () => boolean): Promise<void> => {
    while (!test()) await new Promise(setImmediate);
  };
  const answerNext = (): string => {
    const { caller, answer } = begun.shift()!;
    answer();
    return caller;
  };

  test('another caller is next, whatever waits of a flood, each time', async () => {
    const first = send('other');
    await until(() => begun.length === 1);
    answerNext();
    await first;
    const flood = Array.from({ length: FLOOD }, () => send('flood'));
    await until(() => begun.length >= FREE);
    for (let i = 0; i < 5; i += 1) {
      const other = send('other');
      await until(() => begun.some(({ caller }) => caller === 'other'));
      // Ahead of it is only what had begun: a slice of the smallest requests, and those that are taken for blocked.
      const ahead = begun.findIndex(({ caller }) => caller === 'other');
      expect(ahead).toBeLessThanOrEqual(FREE + SLICE_MS / LEAST_ESTIMATE_MS);
      while (answerNext() !== 'other');
      expect(await other).toBe(200);
    }
    const rest = setInterval(() => begun.length > 0 && answerNext(), 1);
    expect(new Set(await Promise.all(flood))).toEqual(new Set([200]));
    clearInterval(rest);
  });

  test('two floods are executed in turn, whatever their numbers of connections', async () => {
    const count = { large: 3 * FLOOD, small: FLOOD };
    const names = (['large', 'small'] as const).flatMap((name) => Array<string>(count[name]).fill(name));
    const floods = names.map(send);
    const came = (name: string): number => arrived.filter((caller) => caller === name).length;
    await until(() => came('large') === count.large && came('small') === count.small);
    const order: string[] = [];
    while (order.length < 4 * FLOOD) {
      await until(() => begun.length > 0);
      order.push(answerNext());
    }
    await Promise.all(floods);
    // The small one is done when the large one has had about as many.
    const before = order.slice(0, order.lastIndexOf('small')).filter((caller) => caller === 'large').length;
    expect(before).toBeLessThan(1.5 * FLOOD);
  });
});

test('connections of one address past the limit are closed, and one that is closed makes room', async () => {
  const app = await startApp({ CONNECTIONS_PER_ADDRESS: '5' });
  const api = await openApi(app.parts, 0);
  const open: Socket[] = [];
  const isTaken = async (): Promise<boolean> => {
    const socket = connect(api.port, '127.0.0.1');
    socket.on('error', () => {});
    const answered = once(socket, 'data').then(
      () => true,
      () => false,
    );
    const closed = once(socket, 'close').then(() => false);
    socket.write('GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    const taken = await Promise.race([answered, closed]);
    if (taken) open.push(socket);
    return taken;
  };
  try {
    for (let i = 0; i < 5; i += 1) expect(await isTaken()).toBe(true);
    for (let i = 0; i < 3; i += 1) expect(await isTaken()).toBe(false);
    open.pop()!.destroy();
    while (!(await isTaken())) await new Promise(setImmediate);
    expect(await isTaken()).toBe(false);
  } finally {
    for (const socket of open) socket.destroy();
    await api.leave();
    await api.left();
    await app.close();
  }
});
