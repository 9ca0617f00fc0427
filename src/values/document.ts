// document(): one table of a document's columns, from which statements, input checks, GraphQL fields, export and erasure follow.

import type { LegalBasis, RetentionRule } from './retention';
import { optionalLine, optionalNote } from './typedText';

/** The TypeScript types of column types. A module adds its enums by declaration merging. */
export interface SqlTypes {
  uuid: string;
  int: number;
  bigint: number;
  text: string;
  boolean: boolean;
  timestamptz: Date;
  jsonb: unknown;
}

/** How the personal data of a column is treated. */
export interface PersonalData {
  /** The person it is about, and the purpose of its use. */
  purpose: string;
  /** Why the law allows that. */
  legalBasis: LegalBasis;
  /** How long it is kept without a request for erasure. */
  retention: RetentionRule;
  /**
   * The path of GraphQL fields by which `customerData` shows it, from an order on; or that only the files of `exportCustomer` have it,
   * which have all that is exported; or why it is not exported.
   */
  exported: string | { onlyBy: 'exportCustomer' } | { not: string };
  /** The value that replaces it at an erasure; or why and until when it is kept. */
  erased: null | 'erased' | { kept: string };
}

/** Kinds of texts that are not personal data. */
export const NOT_PERSONAL = {
  code: 'codes, numbers and names of goods, locations, channels, companies, documents and settings',
  kind: 'one of a few words of the program',
  facts: 'facts of goods and times that the program wrote, with ids and codes only',
  hash: 'hashes, of which the hashed text cannot be recovered',
  system: 'what the program notes about its own work',
  goodsNote: 'what staff wrote about goods, not about customers',
} as const;
export type NotPersonal = keyof typeof NOT_PERSONAL;

/** How clients see a column. */
export interface DocumentField {
  /** Its name, when it is not the column's key. */
  name?: string;
  description?: string;
  /** Roles that may see it; left out: all that may see the document. */
  seenBy?: { readonly roles: readonly string[] };
}

/** How a command's input sets a column. */
interface DocumentInput {
  description?: string;
}

interface ColumnOptions {
  /** Its name in the database, when it is not the key in snake case. */
  column?: string;
  nullable?: true;
  /** Written when the document is made: from the row (true), or an SQL expression, in which `$2` is the time. */
  inserted?: true | string;
  /** Read when the document is locked. */
  locked?: true;
  /** Written back when the locked document is saved: from the row (true), or an SQL expression. */
  saved?: true | string;
  /** Its GraphQL field; a column without one has a field that is declared by hand, or none. */
  field?: DocumentField;
  /** Names of the commands with an input that sets it, or leaves it out. */
  setBy?: Readonly<Record<string, DocumentInput>>;
}
interface PlainColumn extends ColumnOptions {
  sql: Exclude<keyof SqlTypes, 'text' | 'jsonb'>;
}
/** A column that can hold personal data has to declare whether it does. */
interface TextColumn extends ColumnOptions {
  sql: 'text' | 'jsonb';
  personal: PersonalData | NotPersonal;
  /** Its longest length, in characters. */
  maxLength?: number;
  isOneLine?: true;
}
export type DocumentColumn = PlainColumn | TextColumn;
export type DocumentColumns = Readonly<Record<string, DocumentColumn>>;

/** A table of the database as a list of its columns. */
export interface Document<C extends DocumentColumns = DocumentColumns> {
  readonly table: string;
  readonly columns: C;
}

/** Declares the columns of a table. */
export function document<const C extends DocumentColumns>(table: string, columns: C): Document<C> {
  return { table, columns };
}

type ValueOf<C extends DocumentColumn> = SqlTypes[C['sql']] | (C extends { nullable: true } ? null : never);
type ColumnsOf<D extends Document> = D['columns'];
type RowWith<C extends DocumentColumns, Use> = {
  -readonly [K in keyof C as C[K] extends Use ? K : never]: ValueOf<C[K]>;
};

/** A row as the INSERT takes it. */
export type InsertedRow<D extends Document> = RowWith<ColumnsOf<D>, { inserted: true }>;
/** The columns that are written back. */
export type SavedRow<D extends Document> = RowWith<ColumnsOf<D>, { saved: true }>;
/** A row as it is read under its lock: only what is written back can be changed. */
export type LockedRow<D extends Document> = Readonly<RowWith<ColumnsOf<D>, { locked: true }>> & SavedRow<D>;
/** The columns that the input of a command sets. */
export type SetBy<D extends Document, Command extends string> = RowWith<
  ColumnsOf<D>,
  { setBy: Readonly<Record<Command, unknown>> }
>;

/** The name of a column in the database. */
export function columnName(key: string, { column }: DocumentColumn): string {
  return column ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The columns that the input of a command sets, with their values in it. */
export function inputColumns(
  { columns }: Document,
  command: string,
): { key: string; column: DocumentColumn; input: DocumentInput }[] {
  return Object.entries(columns).flatMap(([key, column]) => {
    const input = column.setBy?.[command];
    return input === undefined ? [] : [{ key, column, input }];
  });
}

/** What a column has when a client leaves it out. */
const emptyOf = ({ sql, nullable }: DocumentColumn): false | null =>
  sql === 'boolean' && !nullable ? false : null;

/** A text of a column in its stored form. @throws Refused InvalidInput */
function checkedText(
  { maxLength, isOneLine }: TextColumn,
  text: string | null | undefined,
  path: string,
): string | null {
  if (maxLength === undefined) throw new Error(`The text of ${path} has no longest length.`);
  return (isOneLine ? optionalLine : optionalNote)(text, path, maxLength);
}

/** The columns that a command sets, each with what `of` makes of its value. */
function inputValues<D extends Document, Command extends string>(
  document: D,
  command: Command,
  values: Readonly<Record<string, unknown>>,
  of: (value: unknown, column: DocumentColumn, key: string) => unknown,
): SetBy<D, Command> {
  const entries = inputColumns(document, command).map(({ key, column }) => [
    key,
    of(values[key], column, key) ?? emptyOf(column),
  ]);
  return Object.fromEntries(entries) as SetBy<D, Command>;
}

/**
 * What a client sent for the columns that a command sets, in their stored form: texts cleaned and limited, null for what was
 * left out. @throws Refused InvalidInput
 */
export const checkedInput = <D extends Document, Command extends string>(
  document: D,
  command: Command,
  sent: { readonly [K in keyof SetBy<D, Command>]?: SetBy<D, Command>[K] | null },
): SetBy<D, Command> =>
  inputValues(document, command, sent, (value, column, key) =>
    column.sql === 'text' ? checkedText(column, value as string | null | undefined, key) : value,
  );

/** Of these values, those of the columns that a command sets; what is missing is empty. */
export const valuesSetBy = <D extends Document, Command extends string>(
  document: D,
  command: Command,
  given: Partial<SetBy<D, Command>>,
): SetBy<D, Command> => inputValues(document, command, given, (value) => value);

/** The personal columns of a document, by their name in the database. */
export function personalColumns({
  columns,
}: Document): [column: string, personal: PersonalData | NotPersonal][] {
  return Object.entries(columns).flatMap(([key, column]) =>
    'personal' in column ? [[columnName(key, column), column.personal]] : [],
  );
}
