// Too many at once: those who are not admitted get a polite refusal, and all who are get their answer.

import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { Admission, AdmissionGate } from '../../src/server/admission';
import { Refuser } from '../../src/server/refusing';
import type { ApiRequest } from '../../src/server/request';

const LIMITS = { burst: 200, perConnection: 3, always: 10, answerWithinMs: 1_000, windowMs: 500 };

describe('the gate', () => {
  const enter = (gate: AdmissionGate, count: number, now: number): number =>
    Array.from({ length: count }, () => gate.enter(now)).filter(Boolean).length;
  const leave = (gate: AdmissionGate, count: number, now: number): void => {
    for (let i = 0; i < count; i += 1) gate.leave(now);
  };

  test('a burst is let in up to its limit, again and again', () => {
    const gate = new AdmissionGate(LIMITS, 0);
    for (let now = 0; now < 10_000; now += 1_000) {
      expect(enter(gate, 300, now)).toBe(200);
      leave(gate, 200, now + 400);
    }
  });

  test('a queue that stands is kept as short as is answered in time', () => {
    const gate = new AdmissionGate(LIMITS, 0);
    // 50 a second are answered, and more come than that.
    for (let now = 0; now < 6_000; now += 100) {
      enter(gate, 1_000, now);
      leave(gate, 5, now + 99);
    }
    expect(gate.inside).toBeLessThanOrEqual(50);
    expect(gate.inside).toBeGreaterThanOrEqual(40);
    // The queue has gone: the next burst is welcome.
    leave(gate, gate.inside, 6_000);
    expect(enter(gate, 300, 7_000)).toBe(200);
  });

  test('where nothing is answered some are still let in', () => {
    const gate = new AdmissionGate(LIMITS, 0);
    expect(enter(gate, 100, 0)).toBe(100);
    // The first window began with nobody inside.
    expect(enter(gate, 1, 600)).toBe(1);
    expect(enter(gate, 1, 1_200)).toBe(0);
    leave(gate, 95, 1_300);
    expect(enter(gate, 10, 1_400)).toBe(4);
  });
});

describe('over HTTP', () => {
  const waiting: (() => void)[] = [];
  const endTurns: (() => void)[] = [];
  let server: Server;
  let url: string;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const withBurst = async (burst: number): Promise<void> => {
    const app = express();
    const { takeTurn, enterGate } = new Admission(
      { ...LIMITS, burst },
      {
        callerLimits: { concurrentPerToken: 0, concurrentWithoutToken: 0, fairSliceMs: 0 },
        hasSiblings: false,
        refuser: new Refuser(),
        databaseUse: () => 0,
      },
    );
    const name = (req: ApiRequest, _res: unknown, next: () => void): void => {
      req.callerKey = req.get('x-caller') ?? 'all';
      next();
    };
    app.use(name as never, takeTurn as never, enterGate as never, (req, res) => {
      endTurns.push((req as ApiRequest).endTurn!);
      waiting.push(() => res.end('answered'));
    });
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterEach(async () => {
    endTurns.length = 0;
    await close();
  });

  const until = async (count: number): Promise<void> => {
    while (waiting.length < count) await new Promise(setImmediate);
  };
  const answerAll = (): void => {
    for (const answer of waiting.splice(0)) answer();
  };

  test('beyond the limit: 503 with retry-after and an error like any other; those inside are answered', async () => {
    await withBurst(5);
    const inside = Array.from({ length: 5 }, () => fetch(url));
    await until(5);
    const refused = await fetch(url);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toEqual({
      errors: [{ message: expect.stringContaining('try again'), extensions: { code: 'UNAVAILABLE' } }],
    });
    answerAll();
    for (const answer of await Promise.all(inside)) expect(await answer.text()).toBe('answered');
    const next = fetch(url);
    await until(1);
    answerAll();
    expect((await next).status).toBe(200);
  });

  test('what a request accepts lets nobody past; who has begun to stream makes room', async () => {
    await withBurst(6);
    const ask = () => fetch(url, { headers: { accept: 'application/json, text/event-stream' } });
    const inside = Array.from({ length: 6 }, ask);
    await until(6);
    const refused = await ask();
    expect(refused.status).toBe(503);
    endTurns[0]!();
    inside.push(ask());
    await until(7);
    expect((await ask()).status).toBe(503);
    answerAll();
    for (const answer of await Promise.all(inside)) expect(answer.status).toBe(200);
  });

  test('one connection has so many inside and no more, read or unread', async () => {
    await withBurst(200);
    const silent = connect((server.address() as AddressInfo).port, '127.0.0.1');
    silent.pause();
    silent.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(10));
    const other = fetch(url);
    await until(LIMITS.perConnection + 1);
    expect(waiting).toHaveLength(LIMITS.perConnection + 1);
    answerAll();
    expect((await other).status).toBe(200);
    silent.destroy();
  });

  test('a caller with few requests is let in where another fills the process', async () => {
    await withBurst(5);
    const inside = Array.from({ length: 5 }, () => fetch(url));
    await until(5);
    expect((await fetch(url)).status).toBe(503);
    inside.push(fetch(url, { headers: { 'x-caller': 'another' } }));
    await until(6);
    answerAll();
    for (const answer of await Promise.all(inside)) expect(answer.status).toBe(200);
  });

  test('who sends much and reads nothing is inside no longer than its answers take, and who goes is not inside', async () => {
    await withBurst(5);
    const { port } = server.address() as AddressInfo;
    const inside = Array.from({ length: 2 }, () => fetch(url));
    await until(2);
    const accepted = once(server, 'connection');
    const silent = connect(port, '127.0.0.1');
    silent.pause();
    silent.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(3));
    await until(5);
    // The last first: its answer has to wait for the others', and it is not inside any more.
    waiting.pop()!();
    const other = fetch(url);
    await until(5);
    waiting.pop()!();
    expect((await other).status).toBe(200);
    const [socket] = await accepted;
    const closed = once(socket, 'close');
    silent.destroy();
    await closed;
    await new Promise(setImmediate);
    // Node notifies only the one whose turn to be written it is; the one behind it leaves when it is answered.
    waiting.splice(2)[1]!();
    inside.push(...Array.from({ length: 3 }, () => fetch(url)));
    await until(5);
    answerAll();
    for (const answer of await Promise.all(inside)) expect(answer.status).toBe(200);
  });
});
