// What an agent can do next for a customer: from the state of orders, returns and promises to suggestions with reasons and ready inputs.

import type { ContactChannel } from '../../order/rules/status';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../values/time';
import type { ServiceChannel } from './contact';

export const SUGGESTION_KINDS = [
  ...(['CALL_BACK', 'TRANSFER', 'UNLOCK_PICKUP_CODE', 'REMIND', 'CANCELLATION', 'RETURN'] as const),
] as const;
/** The most urgent kind first. */
export type SuggestionKind = (typeof SUGGESTION_KINDS)[number];

/** One suggestion: a mutation with its input, which lacks the idempotency key and what is in `toComplete`. */
export interface Suggestion {
  kind: SuggestionKind;
  reason: string;
  mutation: string;
  input: object;
  /** Fields of the input that only the agent knows. */
  toComplete: string[];
  orderNumber: string | null;
  /** After this time it is of no use, or was due; null: there is no such time. */
  dueAt: Date | null;
}

/** Units of one SKU. */
export interface MissingUnits {
  skuId: number;
  sku: string;
  units: number;
}

/** A location near the shop of an order, with what it has of the order's missing units. */
export interface NearStock {
  location: string;
  distanceKm: number;
  units: readonly MissingUnits[];
}

/** An open order with where it stands. */
export interface ServedOrder {
  /** Its global id. */
  id: string;
  number: string;
  location: string;
  contactChannel: ContactChannel;
  isReady: boolean;
  isCodeLocked: boolean;
  lateMinutes: number;
  isAtRisk: boolean;
  collectBy: Date | null;
  /** Units that another location has to send. */
  awaited: readonly MissingUnits[];
  /** The nearest first. */
  near: readonly NearStock[];
}

/** What a customer was promised in a contact and has not received yet. */
export interface OpenPromise {
  promise: string;
  promisedFor: Date | null;
  channel: ServiceChannel;
  topic: string | null;
  orderNumber: string | null;
  location: string | null;
}

/** Goods of one order that may be brought back. */
export interface ReturnableOrder {
  /** Its global id. */
  id: string;
  number: string;
  /** The end of the last day. */
  until: Date;
  units: readonly MissingUnits[];
}

/** An identifier as the inputs of contacts take it. */
export interface StatedKey {
  kind: string;
  value: string;
  scope: string;
}

export interface ServedCustomer {
  /** By which contacts can name the customer; null: none has a value. */
  identifier: StatedKey | null;
  orders: readonly ServedOrder[];
  promises: readonly OpenPromise[];
  returnables: readonly ReturnableOrder[];
}

/** From when on things are suggested. */
export interface SuggestionWindows {
  collectHours: number;
  returnDays: number;
  cancelHours: number;
}

const count = (units: readonly MissingUnits[]): number => units.reduce((sum, one) => sum + one.units, 0);
const unitsText = (n: number): string => (n === 1 ? '1 unit' : `${n} units`);

/** A length of time for people: minutes, then hours, then days. */
export function durationText(minutes: number): string {
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  if (minutes < 2 * 1_440) return `${Math.floor(minutes / 60)} hours`;
  return `${Math.floor(minutes / 1_440)} days`;
}
const durationBetween = (from: Date, to: Date): string =>
  durationText(Math.max(0, Math.floor((to.getTime() - from.getTime()) / MINUTE_MS)));

/** The nearest location that has all missing units; else the one that has most of them, the nearer of equal ones. */
export function bestSource(near: readonly NearStock[]): NearStock | null {
  const [best] = [...near].sort((a, b) => count(b.units) - count(a.units) || a.distanceKm - b.distanceKm);
  return best === undefined || count(best.units) === 0 ? null : best;
}

function transferFor(order: ServedOrder): Suggestion | null {
  const { number, location, awaited, lateMinutes } = order;
  const source = bestSource(order.near);
  if (source === null || awaited.length === 0 || (lateMinutes === 0 && !order.isAtRisk)) return null;
  const state =
    lateMinutes > 0
      ? `is ${durationText(lateMinutes)} late`
      : 'will be late (its transfer is expected after the promised time)';
  const wanted = count(awaited);
  const has = count(source.units);
  return {
    kind: 'TRANSFER',
    reason: `Order ${number} ${state} and waits for ${unitsText(wanted)} from another location. ${source.location}, ${source.distanceKm.toFixed(1)} km from ${location}, has ${has === wanted ? (wanted === 1 ? 'it' : 'all of them') : `${has} of them`}.`,
    mutation: 'createTransfer',
    input: {
      from: source.location,
      to: location,
      orderNumber: number,
      lines: source.units
        .filter(({ units }) => units > 0)
        .map(({ sku, units }) => ({ sku, quantity: units })),
    },
    toComplete: [],
    orderNumber: number,
    dueAt: null,
  };
}

function cancellationFor(order: ServedOrder, { cancelHours }: SuggestionWindows): Suggestion | null {
  const { id, number, lateMinutes, awaited } = order;
  if (lateMinutes === 0 || lateMinutes < cancelHours * 60 || bestSource(order.near) !== null) return null;
  const near = awaited.length === 0 ? '' : ', and no location near it has its units';
  return {
    kind: 'CANCELLATION',
    reason: `Order ${number} is ${durationText(lateMinutes)} late${near}. The customer may prefer to cancel it.`,
    mutation: 'cancelOrder',
    input: { order: id, reason: awaited.length > 0 ? 'OUT_OF_STOCK' : 'OTHER' },
    toComplete: [],
    orderNumber: number,
    dueAt: null,
  };
}

function unlockFor({ id, number, isReady, isCodeLocked, collectBy }: ServedOrder): Suggestion | null {
  if (!isReady || !isCodeLocked) return null;
  return {
    kind: 'UNLOCK_PICKUP_CODE',
    reason: `Order ${number} is ready, and its pickup code is locked after too many wrong codes. Identify the customer first.`,
    mutation: 'unlockPickupCode',
    input: { order: id },
    toComplete: ['reason'],
    orderNumber: number,
    dueAt: collectBy,
  };
}

function reminderFor(
  order: ServedOrder,
  identifier: StatedKey | null,
  now: Date,
  { collectHours }: SuggestionWindows,
): Suggestion | null {
  const { isReady, collectBy, number, location, contactChannel } = order;
  if (!isReady || collectBy === null || collectBy <= now) return null;
  if (collectBy.getTime() - now.getTime() > collectHours * HOUR_MS) return null;
  return {
    kind: 'REMIND',
    reason: `Order ${number} is ready at ${location} and goes back to the shelf in ${durationBetween(now, collectBy)}. Remind the customer, and note it.`,
    mutation: 'noteContact',
    input: {
      ...{ location, channel: contactChannel, direction: 'OUTBOUND', orderNumber: number },
      ...{ topic: 'COLLECTION_REMINDER', resolved: true, ...identifiersOf(identifier) },
    },
    toComplete: [],
    orderNumber: number,
    dueAt: collectBy,
  };
}

const identifiersOf = (identifier: StatedKey | null): object =>
  identifier === null ? {} : { identifiers: [identifier] };

const isCall = (promise: string): boolean => /call|rappel/i.test(promise);

function callFor(one: OpenPromise, identifier: StatedKey | null, now: Date): Suggestion | null {
  const { promise, promisedFor, channel, topic, orderNumber, location } = one;
  if (promisedFor === null || promisedFor > now) return null;
  const about =
    orderNumber !== null ? ` about order ${orderNumber}` : topic !== null ? ` about ${topic}` : '';
  return {
    kind: 'CALL_BACK',
    reason: `The customer was promised ${promise}${about} and still waits ${durationBetween(promisedFor, now)} after that time.`,
    mutation: 'noteContact',
    input: {
      ...(location === null ? {} : { location }),
      ...{ channel: isCall(promise) ? 'PHONE' : channel, direction: 'OUTBOUND' },
      ...(topic === null ? {} : { topic }),
      ...(orderNumber === null ? {} : { orderNumber }),
      ...identifiersOf(identifier),
    },
    toComplete: [
      ...(location === null ? ['location'] : []),
      ...(orderNumber === null && identifier === null ? ['identifiers'] : []),
      'resolved',
    ],
    orderNumber,
    dueAt: promisedFor,
  };
}

function returnFor(one: ReturnableOrder, now: Date, { returnDays }: SuggestionWindows): Suggestion | null {
  const { id, number, until, units } = one;
  if (units.length === 0 || until < now || until.getTime() - now.getTime() > returnDays * DAY_MS) return null;
  return {
    kind: 'RETURN',
    reason: `${unitsText(count(units))} of order ${number} may be returned for another ${durationBetween(now, until)}. If the customer wants to return any, announce it now.`,
    mutation: 'requestReturn',
    input: { order: id, lines: units.map(({ sku, units: quantity }) => ({ sku, quantity })) },
    toComplete: [],
    orderNumber: number,
    dueAt: until,
  };
}

const rank = ({ kind }: Suggestion): number => SUGGESTION_KINDS.indexOf(kind);
const dueTime = ({ dueAt }: Suggestion): number => dueAt?.getTime() ?? Number.MAX_SAFE_INTEGER;

/** What to suggest to an agent who serves this customer now, the most urgent first; empty: nothing has to be done. */
export function suggestionsFor(
  { identifier, orders, promises, returnables }: ServedCustomer,
  now: Date,
  windows: SuggestionWindows,
): Suggestion[] {
  const all: (Suggestion | null)[] = [
    ...promises.map((one) => callFor(one, identifier, now)),
    ...orders.flatMap((order) => [
      transferFor(order),
      unlockFor(order),
      reminderFor(order, identifier, now, windows),
      cancellationFor(order, windows),
    ]),
    ...returnables.map((one) => returnFor(one, now, windows)),
  ];
  return all.filter((one) => one !== null).sort((a, b) => rank(a) - rank(b) || dueTime(a) - dueTime(b));
}
