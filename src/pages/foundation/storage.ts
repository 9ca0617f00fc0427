// The database of a page in this browser: what was last seen, and the commands that wait to be sent.

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

/** A command that a person has given. It waits until the server has confirmed or refused it. */
export interface OutboxEntry {
  /** Position in the outbox; the database numbers entries. */
  id?: number;
  idempotencyKey: string;
  /** The operation that sends it. */
  operation: string;
  /** Its input without the idempotency key. */
  input: Record<string, unknown>;
  /** Global ID of the order or of another document. */
  orderId: string;
  /** What people read: the document's number, and the article if there is one. */
  orderNumber: string;
  article: string | null;
  /** Name of the person who is signed in. Only this person's session sends it. */
  actor: string;
  /** When it was given, by this device's clock. */
  occurredAt: string;
  /** Milliseconds by which the server's clock was ahead of it then; null: it was not known. */
  clockOffset: number | null;
  /** The time that the server gets, fixed before it is sent first: a key is for one input. Null: not sent yet, or untimed. */
  reportedAt: string | null;
  /** It counts when it arrives, because its time was refused. */
  isUntimed: boolean;
  state: 'WAITING' | 'REFUSED';
  /** Why it was refused. */
  reason: string | null;
}

interface PageDatabase extends DBSchema {
  outbox: { key: number; value: OutboxEntry };
  snapshots: { key: string; value: unknown };
}

let opened: Promise<IDBPDatabase<PageDatabase>> | null = null;

function database(): Promise<IDBPDatabase<PageDatabase>> {
  opened ??= openDB<PageDatabase>('comptoir', 1, {
    upgrade(db) {
      db.createObjectStore('outbox', { keyPath: 'id', autoIncrement: true });
      db.createObjectStore('snapshots');
    },
    terminated() {
      opened = null;
    },
  });
  return opened;
}

/** Stores an entry; it is on the disk when this resolves. @throws when the disk is full */
export async function storeEntry(entry: OutboxEntry): Promise<OutboxEntry> {
  const id = await (await database()).put('outbox', entry);
  return { ...entry, id };
}

export async function removeEntry(id: number): Promise<void> {
  await (await database()).delete('outbox', id);
}

/** All entries, in the order in which they were given. */
export async function readEntries(): Promise<OutboxEntry[]> {
  return (await database()).getAll('outbox');
}

/** Keeps what a page has seen last. A full disk costs the snapshot, never the page. */
export async function storeSnapshot(name: string, value: unknown): Promise<void> {
  try {
    await (await database()).put('snapshots', value, name);
  } catch {}
}

export async function readSnapshot<Value>(name: string): Promise<Value | null> {
  try {
    return ((await (await database()).get('snapshots', name)) as Value | undefined) ?? null;
  } catch {
    return null;
  }
}

/** Removes what was seen, which has names of customers. The outbox stays. */
export async function removeSnapshots(): Promise<void> {
  await (await database()).clear('snapshots');
}
