// Sends the outbox: several commands in one request, in order, each with its own answer.

import { batch } from '@preact/signals';
import { ApiProblem } from '../foundation/api';
import { clockOffset, isClockMeasured } from '../foundation/clock';
import { newKey } from '../foundation/key';
import { type OutboxEntry, removeEntry, storeEntry } from '../foundation/storage';
import { texts } from './messages';
import { type CounterOrder, mergeOrders, type QueuedCommand } from './orders';
import {
  api,
  confirmed,
  connection,
  goodsChanges,
  markReachable,
  notice,
  orders,
  outbox,
  waitingEntries,
} from './state';
import { keepQueue, refresh } from './sync';

/** Positions of the operation `commands`; operations.ts has the same number. */
const SENT_TOGETHER = 8;
/** Commands that have positions in it; the others are sent alone. */
const TOGETHER = ['startPicking', 'pickLine', 'shortPick', 'markReady', 'cancelOrder'];
const MAX_CONFIRMED = 12;

/** What an answer to a queued command has in common. */
interface CommandAnswer {
  __typename: string;
  message?: string;
  /** Of InvalidInput. */
  path?: string;
  /** Of a receipt of a transfer. */
  awaitsApproval?: boolean;
  order?: CounterOrder | null;
  orders?: CounterOrder[] | null;
}

/** When a command was given, by the server's clock as far as it is known. */
export function timeOf({ occurredAt, clockOffset: known }: OutboxEntry): string {
  const offset = known ?? clockOffset.value;
  // No command is given later than it is sent, whatever the clocks are.
  return new Date(Math.min(Date.parse(occurredAt) + offset, Date.now() + clockOffset.value)).toISOString();
}

function replaceEntry(changed: OutboxEntry): void {
  outbox.value = outbox.value.map((other) => (other.id === changed.id ? changed : other));
}

/** Fixes the time of an entry on the disk before it is sent: each key is for one input. */
async function withFixedTime(entry: OutboxEntry): Promise<OutboxEntry> {
  if (entry.reportedAt !== null || entry.isUntimed) return entry;
  const fixed = await storeEntry({ ...entry, reportedAt: timeOf(entry) });
  replaceEntry(fixed);
  return fixed;
}

const inputOf = ({ input, idempotencyKey, reportedAt }: OutboxEntry): object => ({
  ...input,
  idempotencyKey,
  ...(reportedAt !== null && { occurredAt: reportedAt }),
});

async function confirm(entry: OutboxEntry, changed: CounterOrder[]): Promise<void> {
  await removeEntry(entry.id!);
  batch(() => {
    outbox.value = outbox.value.filter(({ id }) => id !== entry.id);
    confirmed.value = [entry, ...confirmed.value].slice(0, MAX_CONFIRMED);
    orders.value = mergeOrders(orders.value ?? [], changed);
  });
  if (changed.length > 0) await keepQueue();
}

/** The entry stays, with its reason, until a person has read it. The state that it was made on was an old one. */
async function refuse(entry: OutboxEntry, reason: string): Promise<void> {
  const refused = await storeEntry({ ...entry, state: 'REFUSED', reason });
  batch(() => {
    replaceEntry(refused);
    notice.value = `${entry.orderNumber} — ${texts.value.failed(reason)}`;
  });
  void refresh();
}

/** Sends an entry again as done when it arrives: its time was refused, and nothing was changed. A refusal uses up the key. */
async function renew(entry: OutboxEntry): Promise<void> {
  const fresh = { idempotencyKey: newKey(), reportedAt: null, isUntimed: true };
  replaceEntry(await storeEntry({ ...entry, ...fresh }));
}

/** Sends entries in one request. An ApiProblem stands for each that has no answer. @throws ApiProblem without any answer */
async function sendEntries(entries: readonly OutboxEntry[]): Promise<(CommandAnswer | ApiProblem)[]> {
  const [first] = entries;
  if (entries.length === 1) {
    const name = first!.operation as QueuedCommand;
    const answers = await api.send(name, { input: inputOf(first!) } as never, { retries: 0 });
    return [(answers as Record<string, CommandAnswer>)[name]!];
  }
  const keys = entries.map(({ operation }, i) => `${operation}${i}`);
  const variables = entries.flatMap((entry, i) => {
    const key = keys[i]!;
    return [
      [key, inputOf(entry)],
      [`has${key[0]!.toUpperCase()}${key.slice(1)}`, true],
    ];
  });
  const { answers, problems } = await api.sendSeveral('commands', Object.fromEntries(variables));
  const missing = new ApiProblem('UNREACHABLE', '');
  return keys.map((key) => (answers as Record<string, CommandAnswer>)[key] ?? problems.get(key) ?? missing);
}

/** Takes the answer to one entry; false when those behind it have none. */
async function settle(
  entry: OutboxEntry,
  answer: CommandAnswer | ApiProblem,
  renewed: Set<string>,
): Promise<boolean> {
  if (answer instanceof ApiProblem) {
    if (answer.kind !== 'FORBIDDEN' && answer.kind !== 'FAILED') return false;
    await refuse(entry, answer.message);
    return true;
  }
  const { __typename, message, path, awaitsApproval, order, orders: several } = answer;
  if (__typename === 'Busy') return false;
  if (__typename.endsWith('Success')) {
    await confirm(entry, order ? [order] : (several ?? []));
    if (awaitsApproval) notice.value = texts.value.goodsAwaits(entry.orderNumber);
    if (!TOGETHER.includes(entry.operation)) goodsChanges.value += 1;
  }
  // What rests on a command whose time was refused is sent again behind it.
  else if (!entry.isUntimed && (path === 'occurredAt' || renewed.has(entry.orderId))) {
    renewed.add(entry.orderId);
    await renew(entry);
  } else await refuse(entry, __typename === 'StaleCount' ? texts.value.goodsStale : (message ?? __typename));
  return true;
}

/** Sends the first entries; false when the next ones would not get an answer either. */
async function sendFirst(most: number): Promise<boolean> {
  const waiting = waitingEntries.value.slice(0, most);
  const alone = waiting.findIndex(({ operation }) => !TOGETHER.includes(operation));
  const entries: OutboxEntry[] = [];
  for (const entry of waiting.slice(0, alone < 0 ? most : Math.max(1, alone)))
    entries.push(await withFixedTime(entry));
  try {
    const answers = await sendEntries(entries);
    markReachable();
    const renewed = new Set<string>();
    for (const [i, entry] of entries.entries()) {
      if (!(await settle(entry, answers[i]!, renewed))) return false;
    }
    return true;
  } catch (error) {
    const problem = error instanceof ApiProblem ? error : new ApiProblem('UNREACHABLE', String(error));
    if (problem.kind === 'UNREACHABLE') connection.value = 'OFFLINE';
    // It is not known which of them could not be read: they are sent one by one.
    if (entries.length > 1 && problem.kind === 'FAILED') return sendFirst(1);
    return settle(entries[0]!, problem, new Set());
  }
}

async function sendWaiting(): Promise<void> {
  if (!isClockMeasured()) await refresh();
  if (!isClockMeasured()) return;
  while (waitingEntries.value.length > 0 && (await sendFirst(SENT_TOGETHER)));
}

let isFlushing = false;

/** Sends what waits, in order, and one tab at a time. The keys make it harmless to send an entry twice. */
export async function flush(): Promise<void> {
  if (isFlushing || waitingEntries.value.length === 0) return;
  isFlushing = true;
  try {
    if (navigator.locks === undefined) await sendWaiting();
    else await navigator.locks.request('comptoir-outbox', sendWaiting);
  } finally {
    isFlushing = false;
  }
}
