// Compares a statement as PostgreSQL describes it with the call that sends it as the type checker sees it.

import type { SqlCall, ValueType } from './calls';
import type { Catalog, Column, Statement } from './describe';

/** What pg makes of the values of a type (see the readers of src/db/pool.ts). */
const READ_AS: Record<string, string> = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  oid: 'number',
  numeric: 'string',
  text: 'string',
  varchar: 'string',
  bpchar: 'string',
  name: 'string',
  uuid: 'string',
  date: 'string',
  xid8: 'string',
  pg_lsn: 'string',
  inet: 'string',
  timestamptz: 'Date',
  bytea: 'Buffer',
};

/** What may be sent where a parameter of this type stands. */
const SENT_AS: Record<string, string[]> = {
  timestamptz: ['Date', 'string'],
  timestamp: ['Date', 'string'],
  date: ['string'],
  numeric: ['number', 'string'],
  int8: ['number', 'string'],
  json: ['string', 'object', 'array'],
  jsonb: ['string', 'object', 'array'],
};

function doesFit(
  catalog: Catalog,
  type: string,
  value: ValueType,
  allowed: (type: string) => string[],
): boolean {
  if (value.kinds.includes('any') || value.kinds.length === 0) return true;
  if (type.startsWith('_')) {
    if (!value.kinds.every((kind) => kind === 'array')) return false;
    return value.element === null || doesFit(catalog, type.slice(1), value.element, allowed);
  }
  const labels = catalog.enums.get(type);
  const kinds = labels ? ['string'] : allowed(type);
  return value.kinds.every((kind) => kinds.includes(kind));
}

/** JSON can be anything; a type that is not known here must be written down above. */
function readAs(type: string): string[] {
  if (type === 'json' || type === 'jsonb') return ['object', 'array', 'string', 'number', 'boolean'];
  return READ_AS[type] ? [READ_AS[type]] : [];
}
const sentAs = (type: string): string[] => SENT_AS[type] ?? readAs(type);

function columnFaults(catalog: Catalog, column: Column, value: ValueType): string[] {
  const { name, type, source } = column;
  if (!doesFit(catalog, type, value, readAs)) return [`column "${name}" is ${type}, not ${value.text}`];
  const faults: string[] = [];
  const labels = catalog.enums.get(type);
  const unknown = value.literals && labels ? labels.filter((label) => !value.literals!.includes(label)) : [];
  if (unknown.length > 0)
    faults.push(`column "${name}" may be ${unknown.join(', ')}, which ${value.text} lacks`);
  if (source?.isNullable && !value.isNullable && !value.isOptional && !value.kinds.includes('any'))
    faults.push(
      `column "${name}" may be NULL in ${source.table}.${source.column}, which ${value.text} excludes`,
    );
  return faults;
}

/** Whatever is wrong between one statement and the call that sends it. */
export function faultsOf(
  catalog: Catalog,
  statement: Statement,
  call: Pick<SqlCall, 'columns' | 'values'>,
): string[] {
  const faults: string[] = [];
  const { columns, values } = call;
  if (columns !== null) {
    const names = statement.columns.map((column) => column.name);
    for (const [name, value] of Object.entries(columns))
      if (!value.isOptional && !names.includes(name)) faults.push(`column "${name}" is missing`);
    for (const column of statement.columns) {
      const value = columns[column.name];
      if (value === undefined) faults.push(`column "${column.name}" is in no member of the row type`);
      else faults.push(...columnFaults(catalog, column, value));
    }
    for (const name of new Set(names.filter((name, i) => names.indexOf(name) !== i)))
      faults.push(`column "${name}" is there twice`);
  }
  if (values !== null) {
    const { parameters } = statement;
    if (values.length !== parameters.length)
      faults.push(`${parameters.length} parameters, ${values.length} values`);
    parameters.forEach((type, i) => {
      const value = values[i];
      if (value !== undefined && !doesFit(catalog, type, value, sentAs))
        faults.push(`parameter $${i + 1} is ${type}, not ${value.text}`);
    });
  }
  return faults;
}
