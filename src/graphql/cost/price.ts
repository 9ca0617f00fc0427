// How the price of a field is declared: the unit, the kinds of prices, and the price of an ordinary field.

import { MAX_BULK, MAX_LINES } from '../../refusals';

/*
 * One point is about a microsecond of the program's processor: the row read, the resolver run, the answer written.
 * `npm run bench:cost` measures root queries against their points; most prices are estimates until it has.
 */

/** A value out of memory, and an object or the promise of one. */
export const VALUE = 1;
export const OBJECT = 2;
/** A field that can fail alone: each error is made, located in the query, and collected. */
export const GUARDED = 5;
/** An error that was made: more than a request may have of them end it. */
export const FIELD_ERROR = 50;
/** One entry of a list in the arguments, or field of an object there: read, checked, sent on. */
export const ENTRY = 1;
/** One row that PostgreSQL sends, read into an object. */
export const ROW = 5;
/** A statement of its own: sent, planned or bound, awaited. */
export const STATEMENT = 600;
/** What Prisma adds to a row and to a statement that goes through it. */
export const PRISMA_ROW = 7;
export const PRISMA_STATEMENT = 1_000;
/** Lines that a document usually has. */
export const USUAL_LINES = 10;
/** A mutation's transaction: its command, its locks, its outcome. */
export const COMMAND = 2_500;

/** What a page has when the client names no size, and at the most; more is refused by the page itself. */
export const USUAL_PAGE = 50;
export const MAX_PAGE = 200;

/** Lines of one document, and entries of one bulk request. */
export { MAX_BULK, MAX_LINES };

export type FieldArgs = Record<string, unknown>;
type PriceAmount = number | ((args: FieldArgs) => number);

export interface FieldPrice {
  /** Points of the field itself, whatever is selected of its answer. */
  own: PriceAmount;
  /**
   * Elements of its answer, for each of which the selection is charged. Where the arguments do not state it, it is the size that such a
   * list usually has: what it really has is settled when it is there.
   */
  size?: PriceAmount;
  /** In the answer of a mutation it has an element for each entry of the longest list of its input, if these are more. */
  perInput?: true;
  /** Points of one element beside its selection: the row that was read for it. */
  each?: number;
  /** Points of the statement that reads it for all parents at one position in the query, however many they are. */
  once?: number;
  /** It reads the database for itself, for each parent: so many such fields of one request run at once and no more. */
  reads?: true;
  /** A root field that only calls loaders: such fields run at the same time, so that their reads are batched. */
  batched?: true;
}

const amountOf = (amount: PriceAmount, args: FieldArgs): number =>
  typeof amount === 'number' ? amount : amount(args);
export const ownOf = (price: FieldPrice, args: FieldArgs): number => Math.max(0, amountOf(price.own, args));
export const sizeOf = (price: FieldPrice, args: FieldArgs): number =>
  Math.max(0, amountOf(price.size ?? 1, args));

/** The value at a path of the arguments (`input.lines`), as the client sent it. */
export function at(args: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], args);
}

/**
 * Entries of a list in the arguments: GraphQL takes one value for a list of one. More than the field takes are refused by
 * the field, with a more specific error than a cost limit.
 */
export function count(args: FieldArgs, path: string, most: number, absent = 0): number {
  const value = at(args, path);
  if (value === undefined || value === null) return absent;
  return Array.isArray(value) ? Math.min(value.length, most) : 1;
}

/** A number in the arguments; what is none is refused later, and costs the most until then. */
export function whole(args: FieldArgs, path: string, usual: number, most: number): number {
  const value = Number(at(args, path) ?? usual);
  return Number.isNaN(value) ? most : Math.min(Math.max(0, value), most);
}

export const pageSize = (args: FieldArgs): number =>
  Math.max(1, whole(args, args.first == null && args.last != null ? 'last' : 'first', USUAL_PAGE, MAX_PAGE));

/** A field that costs so many points. */
export const flat = (own: number): FieldPrice => ({ own });
/** A page: its statements, and each row that it may have. */
export const page = (own: number, perRow = ROW): FieldPrice => ({ own, size: pageSize, each: perRow });
/** A list that usually has so many elements, each of which costs so much beside its selection. */
export const list = (usual: number, perElement = 0, own = OBJECT): FieldPrice => ({
  own,
  size: usual,
  each: perElement,
});
/** Such a list, which in the answer of a mutation has an element for each line of its input. */
export const perInputLine = (usual: number, perElement = 0, own = OBJECT): FieldPrice => ({
  ...list(usual, perElement, own),
  perInput: true,
});
/** A list with an element for each entry of an argument. */
export const perEntry = (path: string, most: number, perElement: number, own = STATEMENT): FieldPrice => ({
  own,
  size: (args) => count(args, path, most),
  each: perElement,
});
/** A line of a command that locks a shelf and moves units. */
export const LOCKED_LINE = 60;
/** A row of a command that is compared with what is known, and written. */
export const WRITTEN_ROW = 60;

/** The price of a command: its transaction, and each entry of the list at `path` of its input. */
export const commandPrice = (path: string | null = null, perEntryOf = 0): FieldPrice => ({
  own: (args) => COMMAND + (path === null ? 0 : perEntryOf * count(args, `input.${path}`, MAX_BULK)),
});

const ofMutations = new Map<string, FieldPrice>();

/** Keeps the price that a mutation is declared with. */
export function setMutationPrice(mutation: string, price: FieldPrice): void {
  ofMutations.set(mutation, price);
}

/** The prices of all mutations declared so far, by name. */
export const mutationPrices: ReadonlyMap<string, FieldPrice> = ofMutations;
