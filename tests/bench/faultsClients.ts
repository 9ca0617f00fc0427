// Faults of clients: a webhook receiver that hangs, a client that sends much and reads nothing, and many that never finish a request.

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { NEARBY } from './dayAnswers';
import { hangingReceiver, type Receiver, register } from './dayReceiver';
import { skuCode } from './dayWorld';
import type { Fault } from './faultsStage';

const LATE = `
  SELECT count(*)::int AS messages, coalesce(max(extract(epoch FROM d.closed_at - o.created_at)), 0)::float AS seconds
  FROM webhook_delivery d JOIN outbox o ON o.id = d.message_id JOIN webhook_endpoint e ON e.id = d.endpoint_id
  WHERE e.url = $1 AND d.status = 'DELIVERED'`;
const SWITCH_OFF = `UPDATE webhook_endpoint SET active = false WHERE url = $1`;
const CLOSE = `
  UPDATE webhook_delivery d SET status = 'DEAD', closed_at = now() FROM webhook_endpoint e
  WHERE e.id = d.endpoint_id AND e.url = $1 AND d.status = 'PENDING'`;
/** The dispatcher runs every five seconds, and a run takes as long as there is work. */
const LATEST_SECONDS = 20;

function hangs(): Fault {
  let silent: Receiver;
  return {
    name: 'a webhook receiver hangs',
    async strike({ client, people }) {
      silent = await hangingReceiver();
      await register(client, people.admin, silent.url);
    },
    lastsMs: 15_000,
    async check({ db, receiver }) {
      const [{ messages, seconds }] = (await db.rows(LATE, [receiver.url])) as [
        { messages: number; seconds: number },
      ];
      const wrong: string[] = [];
      if (silent.got.size === 0) wrong.push('the hanging receiver was sent nothing, so nothing was shown');
      if (messages === 0) wrong.push('the other receiver got nothing');
      if (seconds > LATEST_SECONDS)
        wrong.push(`the other receiver waited ${seconds.toFixed(1)} s for a message, not ${LATEST_SECONDS}`);
      // What it never took would be waited for.
      await db.rows(SWITCH_OFF, [silent.url]);
      await db.rows(CLOSE, [silent.url]);
      await silent.close();
      return wrong;
    },
  };
}

function openSockets(count: number, port: number): Socket[] {
  return Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}));
}

const UNREAD = { connections: 20, requests: 500, skus: 20 };
/** How much the program's processes together may grow while no answer is read. */
const UNREAD_GROWTH_MB = 400;

/** Ten thousand pipelined queries with long answers, from a client that does not read. */
function unread(): Fault {
  let sockets: Socket[] = [];
  let before = 0;
  let peak = 0;
  return {
    name: '10,000 requests, no answer read',
    async strike({ client, people, port, memoryMb }) {
      before = memoryMb();
      const near = { latitude: 45, longitude: 1, radiusKm: 500, limit: 20 };
      const skus = Array.from({ length: UNREAD.skus }, (_, i) => skuCode(i));
      const requests = Buffer.concat(
        Array.from({ length: UNREAD.requests }, () => client.prepare(people.web, NEARBY, { skus, near })),
      );
      sockets = openSockets(UNREAD.connections, port);
      for (const socket of sockets) {
        socket.pause();
        socket.write(requests);
      }
    },
    lastsMs: 8_000,
    async mend({ memoryMb }) {
      peak = memoryMb();
      for (const socket of sockets) socket.destroy();
    },
    async check() {
      const grown = peak - before;
      if (grown < UNREAD_GROWTH_MB) return [];
      return [`the program grew by ${grown.toFixed(0)} MB while nobody read, not by ${UNREAD_GROWTH_MB}`];
    },
  };
}

const LORIS = { sockets: 2_000, everyMs: 2_000 };
const HEAD = 'POST /graphql HTTP/1.1\r\nhost: comptoir\r\ncontent-type: application/json\r\n';
/** The program allows 10 s for a head and 30 s for a body, and checks every 2 s. */
const ENDED_WITHIN = { head: 16_000, body: 38_000 };

/** Thousands of connections with a request that never ends: half of them in the head, half in the body. */
function loris(): Fault {
  const sockets: { socket: Socket; part: 'head' | 'body'; since: number; endedMs: number | null }[] = [];
  let timer: NodeJS.Timeout;
  return {
    name: 'slow-loris connections',
    async strike({ port, people }) {
      const bearer = `authorization: Bearer ${people.web}\r\n`;
      openSockets(LORIS.sockets, port).forEach((socket, i) => {
        const one = {
          socket,
          part: i % 2 === 0 ? ('head' as const) : ('body' as const),
          since: performance.now(),
          endedMs: null as number | null,
        };
        sockets.push(one);
        socket.resume().on('close', () => {
          one.endedMs = performance.now() - one.since;
        });
        socket.write(one.part === 'head' ? HEAD : `${HEAD}${bearer}content-length: 100000\r\n\r\n{`);
      });
      timer = setInterval(() => {
        for (const { socket, endedMs, part } of sockets)
          if (endedMs === null) socket.write(part === 'head' ? 'x' : ' ');
      }, LORIS.everyMs);
    },
    lastsMs: 40_000,
    async mend() {
      clearInterval(timer);
      await sleep(0);
      for (const { socket } of sockets) socket.destroy();
    },
    async check() {
      return (['head', 'body'] as const).flatMap((part) => {
        const late = sockets.filter((s) => s.part === part && (s.endedMs ?? Infinity) > ENDED_WITHIN[part]);
        if (late.length === 0) return [];
        return [
          `${late.length} slow connections were still there ${ENDED_WITHIN[part]} ms after their ${part} began`,
        ];
      });
    },
  };
}

export function clientFaults(): Map<string, Fault | string> {
  return new Map<string, Fault | string>([
    ['webhook', hangs()],
    ['unread', unread()],
    ['loris', loris()],
  ]);
}
