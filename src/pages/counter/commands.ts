// The commands of the counter. Each waits in the outbox, on disk, until the server has confirmed or refused it.

import { clockOffset, isClockMeasured } from '../foundation/clock';
import { newKey } from '../foundation/key';
import { type OutboxEntry, readEntries, removeEntry, storeEntry } from '../foundation/storage';
import type { CounterOperations } from '../operations.generated';
import { texts } from './messages';
import type { QueuedCommand } from './orders';
import { flush } from './outbox';
import { notice, outbox, person } from './state';
import { refresh } from './sync';

type InputOfCommand<Name extends QueuedCommand> = Omit<
  CounterOperations[Name]['variables']['input'],
  'idempotencyKey' | 'occurredAt'
>;

const FLUSH_MS = 10_000;

/** Puts a command on a document into the outbox and sends it if there is a network; false when the disk did not take it. */
export async function give<Name extends QueuedCommand>(
  operation: Name,
  document: { id: string; number: string },
  input: InputOfCommand<Name>,
  article: string | null = null,
): Promise<boolean> {
  const entry: OutboxEntry = {
    idempotencyKey: newKey(),
    operation,
    input: { ...input },
    orderId: document.id,
    orderNumber: document.number,
    article,
    actor: person.value!.name,
    occurredAt: new Date().toISOString(),
    clockOffset: isClockMeasured() ? clockOffset.value : null,
    reportedAt: null,
    isUntimed: false,
    state: 'WAITING',
    reason: null,
  };
  try {
    const stored = await storeEntry(entry);
    outbox.value = [...outbox.value, stored];
  } catch {
    notice.value = texts.value.notStored;
    return false;
  }
  void flush();
  return true;
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
