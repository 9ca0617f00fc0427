// One fault under the load of the mixed day: its world, the moment it strikes, and whether all given answers are still true.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, openDb } from '../../src/db/pool';
import { type OwnServer, ownServer } from '../support/ownServer';
import type { Program } from '../support/process';
import { audit, outboxWrongs, repeat, settle } from './dayAudit';
import { goodReceiver, type Receiver, register } from './dayReceiver';
import { dayClient, Traffic } from './dayTraffic';
import { newProbe, nodeProcesses, type Probe, residentMb } from './dayWatch';
import { complaints, fillDay, freePort, type People, type Size, startDay } from './dayWorld';
import { type Client, measure, type Offered, offer, type Stretch } from './load';

const SIZE: Size = { shops: 50, skus: 100, units: 10_000 };
const CAPACITY = { seconds: 3, width: 48 };
const WARM_UP = { rate: 100, seconds: 2 };
/** Of what clients that wait for answers get: a rate that is sustained is about two thirds of that, and this is half of it. */
const LOAD_SHARE = 0.33;
const BEFORE_MS = 3_000;
const STRETCH_MS = 250;
/** Normal again: so many stretches one after the other without a refusal or an error, and as quick as before, or as this. */
const GOOD_STRETCHES = 6;
const QUICK_MS = 250;
const REPEATED = 3_000;
const MEMORY_POLL_MS = 200;
const LONGEST_SECONDS = 300;

/** All that a fault can be done to. */
export interface Stage {
  server: OwnServer;
  program: Program;
  /** Starts the program again on the same port and database. */
  restartProgram(): Promise<void>;
  port: number;
  db: Db;
  client: Client;
  people: People;
  receiver: Receiver;
  traffic: Traffic;
  inside: Probe;
  /** Resident memory of the program's processes together. */
  memoryMb(): number;
}

/** A fault, and how it is mended. */
export interface Fault {
  name: string;
  /** Why it cannot be done here; null when it can. */
  skip?(stage: Stage): string | null;
  /** Where the data of PostgreSQL are to lie; a new folder when left out. */
  folder?(): { dataDir: string; remove(): void };
  /** What stands between the program and PostgreSQL. */
  between?(url: string): Promise<{ url: string; close(): Promise<void> }>;
  /** The program's clock can be moved. */
  clock?: boolean;
  strike(stage: Stage): Promise<void>;
  /** How long it lasts before it is mended, or before it counts as over. */
  lastsMs: number;
  mend?(stage: Stage): Promise<void>;
  /** Errors that clients cannot be spared: those of the way to the program. Everything else is wrong. */
  spares?: RegExp;
  /** Further checks at the end. */
  check?(stage: Stage): Promise<string[]>;
}

/** What came of a fault. */
export interface Survived {
  name: string;
  rate: number;
  offered: Offered;
  /** Milliseconds with refusals or errors. */
  outageMs: number;
  /** From when mending began, or from when it struck, until all was normal; null: never. */
  recoveredMs: number | null;
  /** All processes of the program together. */
  memoryMb: { before: number; peak: number; after: number };
  wrong: string[];
}

async function newStage(fault: Fault): Promise<{ stage: Stage; close(): Promise<void> }> {
  const folder = fault.folder?.();
  const server = await ownServer(folder?.dataDir);
  const between = await fault.between?.(server.url);
  const inside = newProbe(fault.clock);
  const port = await freePort();
  const start = (): Promise<Program> => startDay(between?.url ?? server.url, port, inside.env);
  const program = await start();
  const db = openDb(server.url, 4);
  const people = await fillDay(db, SIZE);
  const client = dayClient(program.url);
  const receiver = await goodReceiver();
  await register(client, people.admin, receiver.url);
  const traffic = new Traffic(client, people, SIZE);
  const stage: Stage = {
    server,
    program,
    port,
    db,
    client,
    people,
    receiver,
    traffic,
    inside,
    restartProgram,
    memoryMb,
  };
  function memoryMb(): number {
    return nodeProcesses(stage.program.pid).reduce((sum, pid) => sum + residentMb(pid), 0);
  }
  async function restartProgram(): Promise<void> {
    stage.program = await start();
  }
  return {
    stage,
    async close() {
      client.close();
      stage.program.kill('SIGKILL');
      await stage.program.exited;
      await receiver.close();
      await between?.close();
      await db.close().catch(() => {});
      await server.stop();
      inside.remove();
      folder?.remove();
    },
  };
}

/** When all was normal again, from `sinceMs` of the offer on. */
function normalAt(stretches: Stretch[], sinceMs: number): number | null {
  const before = stretches.slice(1, BEFORE_MS / STRETCH_MS).map((s) => s.p99Ms);
  const quickMs = Math.max(QUICK_MS, ...before);
  const good = stretches.map((s) => s.busy === 0 && s.error === 0 && s.p99Ms <= quickMs);
  for (let i = Math.floor(sinceMs / STRETCH_MS); i + GOOD_STRETCHES <= stretches.length; i += 1)
    if (good.slice(i, i + GOOD_STRETCHES).every(Boolean)) return Math.max(sinceMs, i * STRETCH_MS);
  return null;
}

/** Has the fault strike under load, and judges what came of it. */
async function underLoad(fault: Fault, stage: Stage, rate: number, afterMs: number): Promise<Survived> {
  const { traffic } = stage;
  const memoryMb = { before: stage.memoryMb(), peak: 0, after: 0 };
  const memory = setInterval(() => {
    memoryMb.peak = Math.max(memoryMb.peak, stage.memoryMb());
  }, MEMORY_POLL_MS);
  const begin = performance.now();
  let until = Number.POSITIVE_INFINITY;
  const offering = offer({
    perSecond: rate,
    seconds: LONGEST_SECONDS,
    stretchMs: STRETCH_MS,
    send: () => traffic.sendNext(),
    enough: () => performance.now() >= until,
  });
  await sleep(BEFORE_MS);
  await fault.strike(stage);
  let sinceMs = performance.now() - begin;
  await sleep(fault.lastsMs);
  if (fault.mend !== undefined) {
    sinceMs = performance.now() - begin;
    await fault.mend(stage);
  }
  until = performance.now() + afterMs;
  const offered = await offering;
  clearInterval(memory);
  memoryMb.after = stage.memoryMb();
  const normal = normalAt(offered.stretches, sinceMs);
  const recoveredMs = normal === null ? null : normal - sinceMs;
  const outageMs = STRETCH_MS * offered.stretches.filter((s) => s.busy + s.error > 0).length;
  const bad = [...offered.messages].filter(([message]) => !fault.spares?.test(message));
  const wrong = bad.map(([message, count]) => `${count} × ${message}`);
  if (normal === null) wrong.push('not normal again while it was watched');
  return { name: fault.name, rate, offered, outageMs, recoveredMs, memoryMb, wrong };
}

/** Runs one fault in a world of its own. A text is the reason why it was skipped. */
export async function play(
  fault: Fault,
  afterMs: number,
  fixedRate: number | null,
): Promise<Survived | string> {
  const { stage, close } = await newStage(fault);
  try {
    const skipped = fault.skip?.(stage);
    if (skipped) return skipped;
    const { traffic, db, receiver } = stage;
    const send = (): Promise<unknown> => traffic.sendNext().catch(() => {});
    await offer({ perSecond: WARM_UP.rate, seconds: WARM_UP.seconds, send: () => traffic.sendNext() });
    const rate = fixedRate ?? LOAD_SHARE * (await measure(CAPACITY.seconds, CAPACITY.width, send)).perSecond;
    await settle(traffic);
    const survived = await underLoad(fault, stage, rate, afterMs);
    await settle(traffic);
    survived.wrong.push(
      ...(await repeat(traffic, REPEATED)),
      ...((await fault.check?.(stage)) ?? []),
      ...(await outboxWrongs(db, receiver)),
      ...(await audit(db, traffic, SIZE)),
      ...complaints(stage.program),
    );
    return survived;
  } finally {
    await close();
  }
}
