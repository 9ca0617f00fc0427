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

const views = computed(() => (orders.value ?? []).map((order) => orderView(order, outbox.value)));
export const groups = computed(() => queueGroups(views.value.filter(({ order }) => isOpen(order))));

/** What is open beside the queue: a screen, and the number or the id of what it shows. */
export interface Route {
  screen: 'QUEUE' | (typeof SCREENS)[number];
  key: string | null;
}

const SCREENS = ['ORDER', 'RETURNS', 'GOODS', 'STOCK', 'DAY', 'LABEL', 'WAVE'] as const;

function routeInAddress(): Route {
  const [, name, key = null] = /^#\/(\w+)(?:\/(.+))?$/.exec(location.hash) ?? [];
  const screen = SCREENS.find((one) => one.toLowerCase() === name);
  if (screen === undefined || (screen === 'ORDER' && key === null)) return { screen: 'QUEUE', key: null };
  try {
    return { screen, key: key && decodeURIComponent(key) };
  } catch {
    // The address was typed.
    return { screen, key };
  }
}

export const route = signal(routeInAddress());
/** Number of the order that is open on the screen. */
export const openNumber = computed(() => (route.value.screen === 'ORDER' ? route.value.key : null));
window.addEventListener('hashchange', () => {
  route.value = routeInAddress();
});

/** Whether a screen beside the queue and its orders is open. */
export const isBeside = ({ screen }: Route): boolean => screen !== 'QUEUE' && screen !== 'ORDER';
/** Takes the scans of the screen that is open; null where the queue does. */
export const takesScan = signal<((code: string) => void) | null>(null);
/** Rises when the server has confirmed a command with goods. */
export const goodsChanges = signal(0);

/** Opens a screen. The address changes, so that the browser's button for back works. */
export function openScreen(address: string): void {
  notice.value = null;
  location.hash = `#/${address}`;
  // The event for it comes later.
  route.value = routeInAddress();
}

/** Opens an order, or the queue. */
export const openOrder = (number: string | null): void =>
  openScreen(number === null ? '' : `order/${number}`);

export const openView = computed(
  () => views.value.find(({ order }) => order.number === openNumber.value) ?? null,
);

/** Entries that wait to be sent by this person, in order. */
export const waitingEntries = computed(() =>
  outbox.value.filter(({ state, actor }) => state === 'WAITING' && actor === person.value?.name),
);
