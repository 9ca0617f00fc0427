// Reads the queue of the shop: at once, at each change by a subscription, and by polling while there is none.

import { batch } from '@preact/signals';
import { ApiProblem } from '../foundation/api';
import { noteServerTime } from '../foundation/clock';
import { playTone } from '../foundation/sound';
import { readSnapshot, storeSnapshot } from '../foundation/storage';
import { labelRules, type ShopLabelRule, setLabelRules } from './articleCodes';
import { type CounterOrder, isOpen, mergeOrders, ordersOf } from './orders';
import {
  api,
  arrivals,
  confirmed,
  connection,
  markReachable,
  openNumber,
  orders,
  seenAt,
  shop,
} from './state';

const POLL_MS = 15_000;
/** A subscription reports changes, but not that time has passed. */
const LIVE_POLL_MS = 60_000;
const SUBSCRIBE_AGAIN_MS = 3_000;
const BACKGROUND = { isBackground: true, retries: 0 };

interface QueueSnapshot {
  orders: CounterOrder[];
  seenAt: number;
  labelRules?: readonly ShopLabelRule[];
}

const snapshotName = (code: string): string => `queue:${code}`;

/** Keeps the queue on the disk: after each reading, and after a confirmed command, whose entry is no longer in the outbox. */
export async function keepQueue(): Promise<void> {
  if (shop.value === null || orders.value === null || seenAt.value === null) return;
  const snapshot: QueueSnapshot = { orders: orders.value, seenAt: seenAt.value, labelRules: labelRules() };
  await storeSnapshot(snapshotName(shop.value.code), snapshot);
}

/** Shows what this device has seen last, until the server answers. */
async function showSnapshot(code: string): Promise<void> {
  const snapshot = await readSnapshot<QueueSnapshot>(snapshotName(code));
  if (snapshot === null || orders.value !== null || shop.value?.code !== code) return;
  setLabelRules(snapshot.labelRules ?? []);
  batch(() => {
    orders.value = snapshot.orders;
    seenAt.value = snapshot.seenAt;
  });
}

/** Customers who were not here when the queue was read before. */
function ringFor(before: readonly CounterOrder[] | null, after: readonly CounterOrder[]): void {
  if (before === null) return;
  const known = new Set(before.filter(({ arrivedAt }) => arrivedAt !== null).map(({ id }) => id));
  const arrived = after.filter(
    ({ id, status, arrivedAt }) => status === 'READY' && arrivedAt !== null && !known.has(id),
  );
  if (arrived.length === 0) return;
  arrivals.value = [...arrivals.value, ...arrived.map(({ id }) => id)];
  playTone('arrival');
}

/** The open order when the queue does not have it any more: another person has closed it. */
async function readClosed(read: readonly CounterOrder[]): Promise<CounterOrder[]> {
  const open = orders.value?.find(({ number }) => number === openNumber.value);
  if (open === undefined || read.some(({ id }) => id === open.id)) return [];
  if (!isOpen(open)) return [open];
  const { order } = await api.send('order', { id: open.id }, BACKGROUND);
  return order === null ? [] : [order];
}

/** Reads the queue. @throws ApiProblem */
async function readQueue(code: string): Promise<void> {
  const confirmedBefore = new Set(confirmed.value);
  const { pickupQueue } = await api.send('queue', { location: code }, BACKGROUND);
  if (pickupQueue === null || shop.value?.code !== code) return;
  setLabelRules(pickupQueue.location?.labelRules ?? []);
  const read = ordersOf(pickupQueue);
  const all = [...read, ...(await readClosed(read))];
  const known = (orders.value ?? []).filter(({ id }) => all.some((order) => order.id === id));
  const answered = confirmed.value
    .filter((entry) => !confirmedBefore.has(entry))
    .map(({ orderId }) => orderId);
  const merged = mergeOrders(known, all, new Set(answered));
  const before = orders.value;
  batch(() => {
    noteServerTime(Date.parse(pickupQueue.asOf), 0);
    orders.value = merged;
    seenAt.value = Date.now();
    markReachable();
  });
  ringFor(before, merged);
  await keepQueue();
}

let reading: Promise<void> | null = null;
let isReadAgain = false;

/** Reads the queue, once for all calls during a read and once more after it. */
export async function refresh(): Promise<void> {
  const code = shop.value?.code;
  if (code === undefined) return;
  if (reading !== null) {
    isReadAgain = true;
    return reading;
  }
  reading = readQueue(code)
    .catch((error: unknown) => {
      if (error instanceof ApiProblem && error.kind === 'UNREACHABLE') connection.value = 'OFFLINE';
    })
    .finally(() => {
      reading = null;
      if (isReadAgain) {
        isReadAgain = false;
        void refresh();
      }
    });
  return reading;
}

/** Keeps the queue of a shop up to date until the result is called. */
export function startSync(code: string): () => void {
  let isStopped = false;
  let stream = new AbortController();
  const follow = async (): Promise<void> => {
    while (!isStopped) {
      stream = new AbortController();
      const onEvent = (): void => {
        connection.value = 'LIVE';
        void refresh();
      };
      await api.subscribe('queueChanged', { location: code }, onEvent, stream.signal).catch(() => {});
      if (connection.value === 'LIVE') connection.value = 'POLLING';
      // Whether the server is still there is found out by asking it for the queue.
      if (!isStopped) void refresh();
      await new Promise((resolve) => setTimeout(resolve, SUBSCRIBE_AGAIN_MS));
    }
  };
  let sinceRead = 0;
  const timer = setInterval(() => {
    sinceRead += POLL_MS;
    if (connection.value === 'LIVE' && sinceRead < LIVE_POLL_MS) return;
    sinceRead = 0;
    void refresh();
  }, POLL_MS);
  const onOffline = (): void => {
    connection.value = 'OFFLINE';
    stream.abort();
  };
  window.addEventListener('offline', onOffline);
  void showSnapshot(code);
  void refresh();
  void follow();
  return () => {
    isStopped = true;
    stream.abort();
    clearInterval(timer);
    window.removeEventListener('offline', onOffline);
  };
}
