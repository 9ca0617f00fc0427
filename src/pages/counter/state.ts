// What the counter knows: the person, the shop, its orders, and the outbox. Components read these signals.

import { computed, signal } from '@preact/signals';
import { createApi } from '../foundation/api';
import type { OutboxEntry } from '../foundation/storage';
import type { CounterOperations } from '../operations.generated';
import { COUNTER_OPERATIONS } from './operations';
import { type CounterOrder, isOpen, orderView, queueGroups } from './orders';

export const api = createApi<CounterOperations>(COUNTER_OPERATIONS);

export interface Shop {
  code: string;
  name: string;
}

export interface Person {
  name: string;
  shops: Shop[];
}

export type Connection = 'LIVE' | 'POLLING' | 'OFFLINE';

/** Null until a person has signed in. */
export const person = signal<Person | null>(null);
export const shop = signal<Shop | null>(null);
/** Null until the queue was read once. */
export const orders = signal<CounterOrder[] | null>(null);
/** When the server's state was last read, by this device's clock. */
export const seenAt = signal<number | null>(null);
export const connection = signal<Connection>('POLLING');

/** The server has answered. An answer that was under way when the network went proves nothing. */
export function markReachable(): void {
  if (connection.value === 'OFFLINE' && navigator.onLine) connection.value = 'POLLING';
}

export const outbox = signal<OutboxEntry[]>([]);
/** The last commands that the server has confirmed, newest first. */
export const confirmed = signal<OutboxEntry[]>([]);
/** Arrivals that were not looked at yet, by the order's global ID. */
export const arrivals = signal<string[]>([]);
/** A message about something that did not work, or null. */
export const notice = signal<string | null>(null);

const TICK_MS = 10_000;
const deviceNow = signal(Date.now());
setInterval(() => {
  deviceNow.value = Date.now();
}, TICK_MS);

/** Milliseconds by which the server's clock is ahead of this device's. */
export const clockOffset = signal(0);
/** The server's time, by a device whose clock may be wrong. */
export const now = computed(() => deviceNow.value + clockOffset.value);

/** Reads the server's time from an answer. */
export function setClock(asOf: string): void {
  clockOffset.value = Date.parse(asOf) - Date.now();
  deviceNow.value = Date.now();
}

const views = computed(() => (orders.value ?? []).map((order) => orderView(order, outbox.value)));
export const groups = computed(() => queueGroups(views.value.filter(({ order }) => isOpen(order))));

const numberInAddress = (): string | null => /^#\/order\/([\w-]+)$/.exec(location.hash)?.[1] ?? null;
/** Number of the order that is open on the screen. */
export const openNumber = signal(numberInAddress());
const isReturnAddress = (): boolean => location.hash === '#/returns';
/** Whether the screen for returns is open instead of an order. */
export const isReturning = signal(isReturnAddress());
window.addEventListener('hashchange', () => {
  openNumber.value = numberInAddress();
  isReturning.value = isReturnAddress();
});

/** Opens an order, or the queue. The address changes, so that the browser's button for back works. */
export function openOrder(number: string | null): void {
  notice.value = null;
  location.hash = number === null ? '#/' : `#/order/${number}`;
}

/** Opens the screen for returns. */
export function openReturns(): void {
  notice.value = null;
  location.hash = '#/returns';
}

export const openView = computed(
  () => views.value.find(({ order }) => order.number === openNumber.value) ?? null,
);

/** Entries that wait to be sent by this person, in order. */
export const waitingEntries = computed(() =>
  outbox.value.filter(({ state, actor }) => state === 'WAITING' && actor === person.value?.name),
);
