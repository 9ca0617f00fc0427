// npm run bench:day -- [--minutes 10 --rate R --smoke]: a mixed day on the real program at the highest rate it sustains, then twice that.

import { parseArgs } from 'node:util';
import { type Db, openDb } from '../../src/db/pool';
import { ownServer } from '../support/ownServer';
import { endPrograms } from '../support/process';
import { audit, outboxWrongs, repeat, settle } from './dayAudit';
import { goodReceiver, type Receiver, register } from './dayReceiver';
import { columns, ms, print } from './dayTable';
import { dayClient, Traffic } from './dayTraffic';
import { FLAT_RULE, type Growth, newProbe, nodeProcesses, Watch } from './dayWatch';
import { complaints, fillDay, freePort, type Size, startDay } from './dayWorld';
import { type Offered, offer } from './load';

/** Size, duration (seconds, minutes), and requirements of the day. */
const WHOLE = {
  size: { shops: 200, skus: 500, units: 10_000 },
  step: 8,
  minutes: 10,
  overload: 60,
  recovery: 30,
  /** A rate is sustained when 99 of 100 are answered within this, none is refused, and no queue grows. */
  p99Ms: 250,
  /** Under twice the rate, accepted requests are answered within this time, and refused ones get their refusal within it too. */
  overloadMs: 5_000,
};
/** Only whether all goes well, on however slow a machine. */
const SMOKE: typeof WHOLE = {
  size: { shops: 20, skus: 60, units: 10_000 },
  step: 2,
  minutes: 0.15,
  overload: 5,
  recovery: 8,
  p99Ms: 3_000,
  overloadMs: 20_000,
};
type Plan = typeof WHOLE;

/** The day runs at this share of what a short step sustained: jobs, checkpoints and vacuum come now and then. */
const RUN_SHARE = 0.8;
const FIRST_RATE = 100;
const LOWEST_RATE = 10;
const HALVINGS = 4;
/** Back to normal after an overload: this long at most, and so many good seconds in a row. */
const RECOVERY_SECONDS = 10;
const GOOD_SECONDS = 3;
const WARM_UP = { rate: 100, seconds: 5 };
/** Number of memory samples: each collects all garbage, which stops a process for a tenth of a second. */
const WATCHED = 24;
/** The share of the day in which caches fill and code is compiled; growth is judged after it. */
const WARM_SHARE = 0.25;
/** Shorter days cannot show leaks: their growth is printed and not judged. */
const JUDGED_MINUTES = 4;
const REPEATED = 2_000;

/** One line of the table of what was offered. */
function line(
  name: string,
  rate: number,
  { counts, p50Ms, p95Ms, p99Ms, maxMs, slowestBusyMs }: Offered,
): string[] {
  const figures = [counts.ok, counts.busy, counts.error].map(String);
  return [name, rate.toFixed(0), ...figures, ...[p50Ms, p95Ms, p99Ms, maxMs, slowestBusyMs].map(ms)];
}
const HEAD = ['', 'a second', 'ok', 'busy', 'error', 'p50 ms', 'p95', 'p99', 'max', 'slowest busy'];

async function step(traffic: Traffic, rate: number, { step: seconds, p99Ms: limit }: Plan): Promise<boolean> {
  const backlog = rate * (limit / 1_000);
  const enough = (_: number, unanswered: number): boolean => unanswered > 4 * backlog;
  const offered = await offer({ perSecond: rate, seconds, send: () => traffic.sendNext(), enough });
  const { counts, p99Ms, stretches } = offered;
  const grows = (stretches.at(-1)?.unanswered ?? 0) > backlog;
  const good = counts.busy === 0 && counts.error === 0 && p99Ms < limit && !grows;
  const why = [...offered.messages].map(([text, n]) => `${n} × ${text}`).join('; ');
  print(
    `  ${rate.toFixed(0)} a second: p99 ${ms(p99Ms)} ms, busy ${counts.busy}, errors ${counts.error}${grows ? ', the queue grows' : ''} ${good ? '' : `→ too many ${why}`}`,
  );
  return good;
}

/** The highest rate that short steps sustain: doubled or halved until that changes, then searched in between. */
async function highestRate(traffic: Traffic, plan: Plan): Promise<number> {
  const up = await step(traffic, FIRST_RATE, plan);
  let rate = FIRST_RATE;
  do {
    rate *= up ? 2 : 0.5;
    if (rate < LOWEST_RATE) throw new Error(`Not even ${LOWEST_RATE} a second are sustained.`);
    await settle(traffic);
  } while ((await step(traffic, rate, plan)) === up);
  let [good, bad] = up ? [rate / 2, rate] : [rate, rate * 2];
  for (let i = 0; i < HALVINGS; i += 1) {
    await settle(traffic);
    const middle = Math.sqrt(good * bad);
    if (await step(traffic, middle, plan)) good = middle;
    else bad = middle;
  }
  return good;
}

function printGrowth(growths: Growth[]): void {
  const rows = growths.map((g) => [
    `process ${g.pid} ${g.what}`,
    ...[g.firstMb, g.lastMb].map((mb) => mb.toFixed(1)),
    g.mbAMinute.toFixed(2),
    g.flat ? 'flat' : 'GROWS',
  ]);
  columns([['', 'first MB', 'last MB', 'MB a minute', ''], ...rows]);
}

/** Seconds until the first of some good seconds in a row; null: never. */
function secondsToNormal({ stretches }: Offered, limit: number): number | null {
  const good = stretches.map((s) => s.busy === 0 && s.error === 0 && s.p99Ms < limit);
  const at = good.findIndex(
    (_, i) => i + GOOD_SECONDS <= good.length && good.slice(i, i + GOOD_SECONDS).every(Boolean),
  );
  return at < 0 ? null : at;
}

/** Runs the day at `rate`; the sentences that are wrong. */
async function wholeDay(traffic: Traffic, rate: number, plan: Plan, watch: Watch): Promise<string[]> {
  const { minutes } = plan;
  const seconds = minutes * 60;
  watch.start(Math.max(2_000, (seconds * 1_000) / WATCHED));
  const offered = await offer({
    perSecond: rate,
    seconds,
    send: () => traffic.sendNext(),
    stretchMs: 60_000,
  });
  const growths = await watch.stop(seconds * WARM_SHARE);
  print();
  print('Minute by minute: answered, busy, errors, p99 ms');
  columns(
    offered.stretches.map((s, i) => [String(i + 1), ...[s.ok, s.busy, s.error].map(String), ms(s.p99Ms)]),
  );
  print();
  columns([HEAD, line(`the day, ${minutes} minutes`, rate, offered)]);
  print(
    `${traffic.counts.looking} looked, ${traffic.counts.holding} held, ${traffic.counts.ordering} ordered or fetched since the start`,
  );
  print();
  printGrowth(growths);
  print(FLAT_RULE);
  const { counts, p99Ms, messages } = offered;
  return [
    ...(counts.error === 0 ? [] : [`${counts.error} errors: ${[...messages.keys()].join('; ')}`]),
    ...(counts.busy === 0 ? [] : [`${counts.busy} requests were refused at a rate that is sustained`]),
    ...(p99Ms < plan.p99Ms ? [] : [`p99 is ${ms(p99Ms)} ms, not below ${plan.p99Ms}`]),
    ...(minutes < JUDGED_MINUTES
      ? []
      : growths.filter((g) => !g.flat).map((g) => `${g.what} of ${g.pid} grows`)),
  ];
}

/** Offers twice the rate, and then the rate again; the sentences that are wrong. */
async function overload(traffic: Traffic, rate: number, plan: Plan): Promise<string[]> {
  const twice = await offer({ perSecond: 2 * rate, seconds: plan.overload, send: () => traffic.sendNext() });
  const after = await offer({ perSecond: rate, seconds: plan.recovery, send: () => traffic.sendNext() });
  const normal = secondsToNormal(after, plan.p99Ms);
  print();
  columns([HEAD, line('twice the rate', 2 * rate, twice), line('the rate again', rate, after)]);
  print(
    `p99 below ${plan.p99Ms} ms and nothing refused again ${normal === null ? 'never' : `${normal} s`} after the overload`,
  );
  const slowest = Math.max(twice.maxMs, twice.slowestBusyMs);
  return [
    ...(twice.counts.error === 0
      ? []
      : [`${twice.counts.error} errors under overload: ${[...twice.messages.keys()].join('; ')}`]),
    ...(slowest < plan.overloadMs
      ? []
      : [`an answer under overload took ${ms(slowest)} ms, not below ${plan.overloadMs}`]),
    ...(after.counts.error === 0
      ? []
      : [`${after.counts.error} errors after the overload: ${[...after.messages.keys()].join('; ')}`]),
    ...(normal !== null && normal <= RECOVERY_SECONDS
      ? []
      : [`not normal again within ${RECOVERY_SECONDS} s`]),
  ];
}

async function books(db: Db, traffic: Traffic, size: Size, receiver: Receiver): Promise<string[]> {
  const unknown = await settle(traffic);
  const wrong = [
    ...(await repeat(traffic, REPEATED)),
    ...(await outboxWrongs(db, receiver)),
    ...(await audit(db, traffic, size)),
  ];
  print();
  print(
    `${traffic.sent.length} acts, of which ${unknown} were refused or cut at first and said again; ${receiver.got.size} messages came to the webhook`,
  );
  return wrong;
}

function readPlan(): { rate: number | null; plan: Plan } {
  const { values } = parseArgs({
    options: { minutes: { type: 'string' }, rate: { type: 'string' }, smoke: { type: 'boolean' } },
  });
  const plan = values.smoke ? SMOKE : WHOLE;
  const minutes = Number(values.minutes ?? plan.minutes);
  const rate = values.rate === undefined ? null : Number(values.rate);
  if (!(minutes > 0) || (rate !== null && !(rate > 0)))
    throw new Error('--minutes and --rate are numbers above 0.');
  return { rate, plan: { ...plan, minutes } };
}

async function main(): Promise<void> {
  const { rate, plan } = readPlan();
  const server = await ownServer();
  const inside = newProbe();
  const db = openDb(server.url, 4);
  const receiver = await goodReceiver();
  try {
    const program = await startDay(server.url, await freePort(), inside.env);
    const people = await fillDay(db, plan.size);
    const client = dayClient(program.url);
    await register(client, people.admin, receiver.url);
    const traffic = new Traffic(client, people, plan.size);
    const processes = nodeProcesses(program.pid).length;
    print(
      `${plan.size.shops} shops × ${plan.size.skus} SKUs, ${processes} process${processes === 1 ? '' : 'es'} of the program`,
    );
    await offer({ perSecond: WARM_UP.rate, seconds: WARM_UP.seconds, send: () => traffic.sendNext() });
    const found = rate ?? RUN_SHARE * (await highestRate(traffic, plan));
    await settle(traffic);
    const wrong = [
      ...(await wholeDay(traffic, found, plan, new Watch(program.pid, inside))),
      ...(await overload(traffic, found, plan)),
      ...(await books(db, traffic, plan.size, receiver)),
    ];
    client.close();
    wrong.push(...complaints(program));
    for (const sentence of wrong) process.stderr.write(`WRONG: ${sentence}\n`);
    if (wrong.length > 0) process.exitCode = 1;
    else print('Every acknowledged answer is in the database, nothing else is, and the books balance.');
  } finally {
    await receiver.close();
    await db.close();
    await endPrograms();
    await server.stop();
    inside.remove();
  }
}

void main();
