// GraphQL fields that follow from the table of a document's columns: what clients see of it, and what inputs set.

import type { FieldMap, GenericInputFieldRef } from '@pothos/core';
import type { Role } from '../access/rules/roles';
import { type Document, type DocumentColumn, inputColumns, type SetBy } from '../values/document';
import { personal } from './accessRule';
import { ARCHIVED, isArchived } from './archive';
import type { Context } from './context';
import type { InputFields } from './mutation';

const TYPES: Readonly<Record<string, string>> = {
  text: 'String',
  int: 'Int',
  boolean: 'Boolean',
  timestamptz: 'DateTime',
};

const isPersonal = (column: DocumentColumn): boolean =>
  'personal' in column && typeof column.personal === 'object';

/** The access rule of a column's field. Auditors do not see the identity of customers. */
function ruleOf(column: DocumentColumn): { roles: Role[] } | undefined {
  const seenBy = column.field?.seenBy;
  if (seenBy === undefined) return undefined;
  const roles = [...seenBy.roles] as Role[];
  return { roles: isPersonal(column) ? personal(roles) : roles };
}

/** Builds the fields of a type that Prisma reads. */
interface ExposingFields {
  expose(name: never, options: never): FieldMap[string];
  field(options: never): FieldMap[string];
}

/**
 * The plain fields of a document: every column that has one. `enums` are the GraphQL types of its enum columns, `closedAt` the column
 * with the time from which its personal data goes to the archive.
 */
export function documentFields(
  t: ExposingFields,
  { columns }: Document,
  enums: Readonly<Record<string, unknown>>,
  closedAt: string | null = null,
): FieldMap {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([key, column]) => {
      const { field, sql, nullable } = column;
      if (field === undefined) return [];
      const options = {
        type: TYPES[sql] ?? enums[sql],
        nullable: nullable ?? false,
        description: field.description,
        authScopes: ruleOf(column),
      };
      if (closedAt !== null && isPersonal(column)) {
        const shown = (row: Readonly<Record<string, unknown>>, _args: unknown, context: Context): unknown =>
          isArchived(context, row[closedAt] as Date | null) ? (nullable ? null : ARCHIVED) : row[key];
        return [[field.name ?? key, t.field({ ...options, resolve: shown } as never)]];
      }
      // Pothos infers the names that may be exposed from a concrete type only; Prisma's model has the same columns.
      return [[field.name ?? key, t.expose(key as never, options as never)]];
    }),
  );
}

/** Fields of an input, with what a client sends in them. */
type DocumentInputFields<D extends Document, Command extends string> = {
  [K in keyof SetBy<D, Command>]: GenericInputFieldRef<SetBy<D, Command>[K] | undefined>;
};

/** The fields of a command's input that set columns of a document. */
export function documentInputs<D extends Document, Command extends string>(
  t: InputFields,
  document: D,
  command: Command,
): DocumentInputFields<D, Command> {
  const fields = inputColumns(document, command).map(({ key, column, input }) => [
    key,
    t.field({ type: TYPES[column.sql] as 'String', ...input }),
  ]);
  return Object.fromEntries(fields) as DocumentInputFields<D, Command>;
}
