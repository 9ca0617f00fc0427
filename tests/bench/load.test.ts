// The load client reads answers in any fragmentation, reports lost answers as unknown, and sends at fixed times.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { ConnectionLost } from './connection';
import { type Client, newClient, offer } from './load';

const PLAIN = 'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"data":"été"}';
const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"data":\r\n6\r\n"a\\nb"\r\n1\r\n}\r\n0\r\n\r\n';
const REFUSED =
  'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}';

let server: Server;
let client: Client;
let connections = 0;
/** What is done about each request. */
let answer: (socket: Socket) => void;

beforeEach(async () => {
  connections = 0;
  server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      // Requests come whole here: they are small, and one at a time.
      if (bytes.toString().startsWith('POST /graphql HTTP/1.1\r\nhost: ')) answer(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = newClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 2);
});
afterEach(async () => {
  client.close();
  await new Promise((resolve) => server.close(resolve));
});

const bytewise = (text: string) => async (socket: Socket) => {
  for (const byte of Buffer.from(text)) {
    socket.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
};

test.each([
  ['with a length', PLAIN, 'été'],
  ['in chunks', CHUNKED, 'a\nb'],
])('an answer %s, whole and byte by byte', async (_how, text, data) => {
  answer = (socket) => socket.write(text);
  expect(await client.send('t', '{ a }', {})).toEqual({ data });
  answer = (socket) => void bytewise(text)(socket);
  expect(await client.send('t', '{ a }', {})).toEqual({ data });
  expect(connections).toBeLessThanOrEqual(2);
});

test('a refusal is an answer; a connection that is to be closed is opened again', async () => {
  answer = (socket) => socket.write(REFUSED);
  const request = client.prepare(null, '{ a }', {});
  for (let i = 0; i < 4; i += 1) {
    const { status, retryAfter, body } = await client.sendBytes(request);
    expect([status, retryAfter, body.toString()]).toEqual([503, '7', '{}']);
  }
  expect(connections).toBe(4);
});

test('errors of GraphQL reject, and so does an answer that cannot come any more; the next request is fine', async () => {
  const errors = '{"errors":[{"message":"no"}]}';
  answer = (socket) => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${errors.length}\r\n\r\n${errors}`);
  await expect(client.send('t', '{ a }', {})).rejects.toThrow('"no"');
  answer = (socket) => socket.destroy();
  await expect(client.send('t', '{ a }', {})).rejects.toThrow(ConnectionLost);
  answer = (socket) => socket.write(PLAIN);
  expect(await client.send('t', '{ a }', {})).toEqual({ data: 'été' });
});

test('requests by the clock are sent whether or not answers come, and each is counted once', async () => {
  const open: Socket[] = [];
  answer = (socket) => open.push(socket);
  const request = client.prepare('t', '{ a }', {});
  let requested = 0;
  const offered = await offer({
    perSecond: 200,
    seconds: 0.2,
    stretchMs: 100,
    async send(i) {
      requested += 1;
      // No request is answered before all have arrived.
      if (requested === 40) {
        answer = (socket) => socket.write(PLAIN);
        for (const socket of open) socket.write(PLAIN);
      }
      await client.sendBytes(request);
      if (i === 7) throw new Error('wrong 01234567-89ab-cdef-0123-456789abcdef');
      return i % 2 === 0 ? 'ok' : 'busy';
    },
  });
  expect(offered.sent).toBe(40);
  expect(offered.counts).toEqual({ ok: 20, busy: 19, error: 1 });
  expect([...offered.messages]).toEqual([['wrong …', 1]]);
  expect(offered.stretches.map((s) => s.ok + s.busy + s.error)).toEqual([20, 20]);
  // The first one's wait is in its latency.
  expect(offered.maxMs).toBeGreaterThan(150);
});
