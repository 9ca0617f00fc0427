// Statements that read and write a document, put together from the table of its columns when their module is loaded.

import { columnName, type Document, type DocumentColumn, type PersonalData } from '../values/document';

type NamedColumn = DocumentColumn & { key: string; name: string };

const columnsOf = ({ columns }: Document): NamedColumn[] =>
  Object.entries(columns).map(([key, column]) => ({ ...column, key, name: columnName(key, column) }));

/** The columns of a recordset that is made of JSON. */
const recordColumns = (columns: readonly NamedColumn[]): string =>
  columns.map(({ key, sql }) => `"${key}" ${sql}`).join(', ');

/** The columns that are read under the lock, by the keys of the row type. */
export function lockedColumns(document: Document, alias: string): string {
  return columnsOf(document)
    .filter((column) => column.locked)
    .map(({ key, name }) => `${alias}.${name} AS "${key}"`)
    .join(', ');
}

/** INSERT of the rows in $1, a JSON array, in its order: numbers that count up follow it. $2 is the time. */
export function insertStatement(document: Document): string {
  const inserted = columnsOf(document).filter(({ inserted }) => inserted !== undefined);
  const given = inserted.filter((column) => column.inserted === true);
  const values = inserted.map((column) => (column.inserted === true ? `n."${column.key}"` : column.inserted));
  return `
  INSERT INTO ${document.table} (${inserted.map(({ name }) => name).join(', ')})
  SELECT ${values.join(', ')}
  FROM (SELECT * FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (${recordColumns(given)})) WITH ORDINALITY
        ORDER BY ordinality) n`;
}

/** UPDATE of the saved columns from the rows in $1, a JSON array of rows with their ids. $2 is the time. */
export function saveStatement(document: Document): string {
  const saved = columnsOf(document).filter((column) => column.saved !== undefined);
  const given = saved.filter((column) => column.saved === true);
  const sets = saved.map(({ name, key, saved }) => `${name} = ${saved === true ? `n."${key}"` : saved}`);
  return `
  UPDATE ${document.table} d SET ${sets.join(', ')}
  FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, ${recordColumns(given)}) WHERE d.id = n.id`;
}

/** UPDATE that erases columns of a table in the rows for which a condition holds. What was empty stays empty. */
export function eraseStatement(
  table: string,
  columns: readonly (readonly [column: string, erased: Extract<PersonalData['erased'], string | null>])[],
  condition: string,
): string {
  const sets = columns.map(([column, erased]) =>
    erased === null
      ? `${column} = NULL`
      : `${column} = CASE WHEN ${column} <> '' THEN '${erased}' ELSE ${column} END`,
  );
  return `UPDATE ${table} SET ${sets.join(', ')} WHERE ${condition}`;
}
