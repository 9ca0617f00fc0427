// Refusals: expected business errors with the facts they were decided on. Thrown by commands, returned by GraphQL as union members.

import { firstCharacters } from './values/text';

/** The facts of each kind of refusal. A module adds its own kinds by declaration merging. */
export interface RefusalFacts {
  /** The input is invalid. `path` names the input field. */
  InvalidInput: { path: string };
  /** Something named in the request does not exist (or not for this caller). */
  NotFound: { what: string; keys: string[] };
  /** The document's state does not allow the command. */
  WrongState: { what: string; key: string; state: string; allowedStates: string[] };
  /** The idempotency key was used before for another request. */
  KeyReused: { idempotencyKey: string; firstAction: string };
  /** Too many requests are waiting; nothing was done. */
  Busy: { retryAfterSeconds: number };
}

export type RefusalKind = keyof RefusalFacts;

/** As stored in `command.outcome` and passed to GraphQL: a plain object, never an Error. */
export type RefusalData = {
  [K in RefusalKind]: { kind: K; message: string } & RefusalFacts[K];
}[RefusalKind];

/** The error class that carries a refusal; throwing it rolls the transaction back. */
export class Refused extends Error {
  constructor(readonly data: RefusalData) {
    super(data.message);
  }
}

/** Throws a refusal. @throws Refused always */
export function refuse<K extends RefusalKind>(kind: K, message: string, facts: RefusalFacts[K]): never {
  throw refusal(kind, message, facts);
}

/** Our own messages are a sentence or two; a longer one quotes the client's input (many codes, or a very long one) and is cut. */
const MAX_MESSAGE = 1_000;

/** Makes a refusal as a value: a command returns it when its writes must stay (a counted wrong pickup code). */
export function refusal<K extends RefusalKind>(kind: K, message: string, facts: RefusalFacts[K]): Refused {
  const shown = message.length > MAX_MESSAGE ? `${firstCharacters(message, MAX_MESSAGE)}…` : message;
  return new Refused({ kind, message: shown, ...facts } as unknown as RefusalData);
}

/** Kinds of things looked up by a key: their name, and what to do about an unknown key. */
const LOOKED_UP = {
  AccessToken: ['token', 'tokens', 'Send an id of `actors { tokens }`.'],
  Actor: ['actor', 'actors', 'Send an id of `actors`.'],
  Customer: ['customer', 'customers', 'Send an id of `customer`.'],
  CustomerExport: ['export', 'exports', 'Send an id of `customerExports`.'],
  Device: ['tablet', 'tablets', 'Send an id of `devices`.'],
  Erasure: ['erasure', 'erasures', 'Send an erasureId of `erasureReport` or of a message.'],
  ForecastAlert: ['forecast alert', 'forecast alerts', 'Send ids of `forecastAlerts`.'],
  Location: ['location', 'locations', 'Create it with upsertLocations.', 'Create them with upsertLocations.'],
  Order: ['order', 'orders', 'Send an id or number of `orders` that this token may read.'],
  PurchaseOrder: ['purchase order', 'purchase orders', 'Send an id of `purchaseOrders`.'],
  ReplenishmentProposal: ['proposal', 'proposals', 'Send an id of `replenishmentProposals`.'],
  Reservation: ['reservation', 'reservations', 'Send the id that this token got from reserveStock.'],
  Return: ['return', 'returns', 'Send an id of `returns`.'],
  ServiceAgent: ['agent', 'agents', 'Send an id of `serviceAgents`.'],
  ServiceCase: ['case', 'cases', 'Send an id of `serviceCases`.'],
  Session: ['session', 'sessions', 'Send an id of `mySessions`.'],
  Sku: ['SKU', 'SKUs', 'Create it with upsertSkus.', 'Create them with upsertSkus.'],
  SkuAlias: ['alias', 'aliases', 'Send a code of `skuAliases`.'],
  StockCount: ['count', 'counts', 'Send an id of `stockCounts`.'],
  Supplier: ['supplier', 'suppliers', 'Create it with upsertSuppliers.', 'Create them with upsertSuppliers.'],
  Transfer: ['transfer', 'transfers', 'Send an id of `transfers`.'],
  Webhook: ['webhook', 'webhooks', 'Send an id of `webhooks`.'],
} as const satisfies Record<
  string,
  readonly [one: string, many: string, advice: string, adviceForMany?: string]
>;

/** The names of what can be looked up, as `NotFound.what` has them. */
export type LookedUp = keyof typeof LOOKED_UP;

/** Unknown keys that the message of a refusal names; its facts have them all. */
const MAX_NAMED_KEYS = 10;

/** The message about keys that nothing has, or nothing that the caller may see: `Unknown SKUs: A, B. Create them …`. */
export function unknownMessage(what: LookedUp, keys: readonly string[]): string {
  const [one, many, advice, adviceForMany] = LOOKED_UP[what];
  const named = `${keys.slice(0, MAX_NAMED_KEYS).join(', ')}${keys.length > MAX_NAMED_KEYS ? ', …' : ''}`;
  return keys.length === 1
    ? `Unknown ${one}: ${named}. ${advice}`
    : `Unknown ${many}: ${named}. ${adviceForMany ?? advice}`;
}

/** The refusal of keys that nothing has, or nothing that the caller may see. `keys` are as the client sent them. */
export function notFound(what: LookedUp, keys: string[]): Refused {
  return refusal('NotFound', unknownMessage(what, keys), { what, keys });
}

/**
 * An error that the operator of the program can fix: a setting, a file, a database of another kind. The message is one
 * sentence for the operator; it is shown without a stack, and the program ends with exit code 1.
 */
export class OperatorError extends Error {
  override name = 'OperatorError';
}

/** The caller is not authorized. A GraphQL error (FORBIDDEN), not a refusal: no retry will change it. */
export class Forbidden extends Error {}

/** Checks a quantity of units: a whole number from `min` to `max`. @throws Refused InvalidInput */
export function checkQuantity(value: number, path: string, min = 1, max = MAX_QUANTITY): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    refuse('InvalidInput', `${path} is ${value}; it must be a whole number from ${min} to ${max}.`, { path });
  }
}

/** Checks that the database can store a text. @throws Refused InvalidInput */
export function checkStorable(value: string, path: string): void {
  if (value.includes('\u0000'))
    refuse('InvalidInput', `${path} contains a NUL character; remove it.`, { path });
  // JSON can carry half of a surrogate pair, PostgreSQL's texts and jsonb cannot.
  if (/\p{Surrogate}/u.test(value))
    refuse('InvalidInput', `${path} contains half a character (a lone surrogate); remove it.`, { path });
}

/** Checks a text's length and that it can be stored. @throws Refused InvalidInput */
export function checkText(value: string, path: string, max: number, min = 1): void {
  if (value.length < min || value.length > max) {
    refuse('InvalidInput', `${path} has ${value.length} characters; it must have ${min} to ${max}.`, {
      path,
    });
  }
  checkStorable(value, path);
}

/** Checks the number of lines or items of a request. @throws Refused InvalidInput */
export function checkCount(items: readonly unknown[], path: string, max: number, min = 1): void {
  if (items.length < min || items.length > max) {
    refuse('InvalidInput', `${path} has ${items.length} entries; it must have ${min} to ${max}.`, { path });
  }
}

/**
 * Checks that no two entries of a list are for the same; `keys` by entry, made of ids, as two codes can stand for one
 * thing. @throws Refused InvalidInput
 */
export function checkDistinct(keys: readonly unknown[], path: string): void {
  const seen = new Map<string, number>();
  for (const [i, key] of keys.entries()) {
    const text = JSON.stringify(key);
    const first = seen.get(text);
    if (first !== undefined) {
      const message = `${path}.${i} is for the same as ${path}.${first}; name each once. Codes that stand for one SKU are one.`;
      refuse('InvalidInput', message, { path: `${path}.${i}` });
    }
    seen.set(text, i);
  }
}

/** Checks an instant against bounds, both allowed. @throws Refused InvalidInput */
export function checkInstant(value: Date, path: string, from: Date, to: Date): void {
  if (!(value >= from && value <= to)) {
    const shown = Number.isNaN(value.getTime()) ? 'not an instant' : value.toISOString();
    const allowed = `from ${from.toISOString()} to ${to.toISOString()}`;
    refuse('InvalidInput', `${path} is ${shown}; it must be ${allowed}.`, { path });
  }
}

/** A decision of one among many: its refusal is its own, and a value. */
export function decided<T>(decide: () => T): T | Refused {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

/** Checks that a document may do this now; `doing` is a past participle. @throws Refused WrongState */
export function checkState(
  what: string,
  key: string,
  state: string,
  allowedStates: readonly string[],
  doing: string,
): void {
  if (allowedStates.includes(state)) return;
  const allowed = allowedStates.join(' or ');
  refuse('WrongState', `${what} ${key} is ${state}; it can be ${doing} only while it is ${allowed}.`, {
    what,
    key,
    state,
    allowedStates: [...allowedStates],
  });
}

export const MAX_QUANTITY = 1_000_000;
export const MAX_LINES = 200;
export const MAX_BULK = 1_000;
