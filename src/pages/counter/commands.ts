// The commands of the counter. Each waits in the outbox, on disk, until the server has confirmed or refused it.

import { batch } from '@preact/signals';
import { ApiProblem } from '../foundation/api';
import { type OutboxEntry, readEntries, removeEntry, storeEntry } from '../foundation/storage';
import type { CounterOperations } from '../operations.generated';
import { texts } from './messages';
import { type CounterOrder, mergeOrders } from './orders';
import {
  api,
  confirmed,
  connection,
  markReachable,
  notice,
  orders,
  outbox,
  person,
  waitingEntries,
} from './state';
import { refresh } from './sync';

/** The commands that may wait for a network. A handover may not: its code has to be checked. */
export type QueuedCommand = 'startPicking' | 'pickLine' | 'shortPick' | 'markReady' | 'cancelOrder';
type InputOfCommand<Name extends QueuedCommand> = Omit<
  CounterOperations[Name]['variables']['input'],
  'idempotencyKey'
>;

const MAX_CONFIRMED = 12;
const FLUSH_MS = 10_000;

/** A key of 122 random bits; `randomUUID` would need a secure context. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Puts a command into the outbox and sends it if there is a network. */
export async function give<Name extends QueuedCommand>(
  operation: Name,
  order: CounterOrder,
  input: InputOfCommand<Name>,
  article: string | null = null,
): Promise<void> {
  const entry: OutboxEntry = {
    idempotencyKey: newKey(),
    operation,
    input: { ...input },
    orderId: order.id,
    orderNumber: order.number,
    article,
    actor: person.value!.name,
    occurredAt: new Date().toISOString(),
    state: 'WAITING',
    reason: null,
  };
  try {
    const stored = await storeEntry(entry);
    outbox.value = [...outbox.value, stored];
  } catch {
    notice.value = texts.value.notStored;
    return;
  }
  void flush();
}

/** What an answer to a queued command has in common. */
interface CommandAnswer {
  __typename: string;
  message?: string;
  order?: CounterOrder | null;
  orders?: CounterOrder[] | null;
}

/** Sends an entry. @throws ApiProblem, also for an answer that means: try again */
async function sendEntry({ operation, input, idempotencyKey }: OutboxEntry): Promise<CommandAnswer> {
  const name = operation as QueuedCommand;
  const variables = { input: { ...input, idempotencyKey } } as CounterOperations[QueuedCommand]['variables'];
  const answers = (await api.send(name, variables as never, { retries: 0 })) as Record<string, CommandAnswer>;
  const answer = answers[name]!;
  if (answer.__typename === 'Busy') throw new ApiProblem('UNREACHABLE', answer.message ?? '');
  return answer;
}

async function confirm(entry: OutboxEntry, changed: CounterOrder[]): Promise<void> {
  await removeEntry(entry.id!);
  batch(() => {
    outbox.value = outbox.value.filter(({ id }) => id !== entry.id);
    confirmed.value = [entry, ...confirmed.value].slice(0, MAX_CONFIRMED);
    orders.value = mergeOrders(orders.value ?? [], changed);
  });
}

/** The entry stays, with its reason, until a person has read it. The state that it was made on was an old one. */
async function refuse(entry: OutboxEntry, reason: string): Promise<void> {
  const refused = await storeEntry({ ...entry, state: 'REFUSED', reason });
  batch(() => {
    outbox.value = outbox.value.map((other) => (other.id === refused.id ? refused : other));
    notice.value = `${entry.orderNumber} — ${texts.value.failed(reason)}`;
  });
  void refresh();
}

/** Sends one entry; false when the next one would not get an answer either. */
async function settle(entry: OutboxEntry): Promise<boolean> {
  try {
    const { __typename, message, order, orders: several } = await sendEntry(entry);
    markReachable();
    if (__typename.endsWith('Success')) await confirm(entry, order ? [order] : (several ?? []));
    else await refuse(entry, message ?? __typename);
    return true;
  } catch (error) {
    const kind = error instanceof ApiProblem ? error.kind : 'UNREACHABLE';
    if (kind === 'FORBIDDEN' || kind === 'FAILED') {
      await refuse(entry, (error as ApiProblem).message);
      return true;
    }
    if (kind === 'UNREACHABLE') connection.value = 'OFFLINE';
    return false;
  }
}

async function sendWaiting(): Promise<void> {
  for (;;) {
    const [entry] = waitingEntries.value;
    if (entry === undefined || !(await settle(entry))) return;
  }
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

/** Removes a refused entry that a person has read. */
export async function dismiss(entry: OutboxEntry): Promise<void> {
  await removeEntry(entry.id!);
  outbox.value = outbox.value.filter(({ id }) => id !== entry.id);
}

/** Reads the outbox from the disk, where another tab may have changed it; again if it was changed here meanwhile. */
async function readOutbox(): Promise<void> {
  try {
    const before = outbox.value;
    const entries = await readEntries();
    if (outbox.value !== before) return readOutbox();
    outbox.value = entries;
  } catch {
    notice.value = texts.value.notStored;
  }
}

/** Sends the outbox when the network is back, when the page is looked at, and by a timer. */
export function startFlushing(): () => void {
  const wake = (): void => {
    if (document.visibilityState === 'hidden') return;
    void readOutbox().then(flush);
    void refresh();
  };
  const timer = setInterval(() => void flush(), FLUSH_MS);
  window.addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);
  void readOutbox().then(flush);
  return () => {
    clearInterval(timer);
    window.removeEventListener('online', wake);
    document.removeEventListener('visibilitychange', wake);
  };
}
