// Which column of a file means what: by our own names, or by a mapping of foreign headers.

import { splitFields } from '../../csv/rules/cells';
import { type Refused, refusal } from '../../refusals';

function wrong(message: string): Refused {
  return refusal('InvalidInput', message, { path: 'map' });
}

/**
 * Reads "Quantity=units,StockCode=sku" into foreign header → column; a header with a comma stands in quotes.
 * @throws Refused InvalidInput for what is no mapping, or maps to what is no column
 */
export function readMapping(texts: readonly string[], columns: readonly string[]): Map<string, string> {
  const mapping = new Map<string, string>();
  const pairs = texts.flatMap((text) => {
    const fields = splitFields(text, ',', true);
    if (fields === null || (fields.length === 0 && text !== ''))
      throw wrong(`'${text}' has a quote that is not closed; write "Their header=our column".`);
    return fields;
  });
  for (const pair of pairs.filter((text) => text.trim() !== '')) {
    const at = pair.lastIndexOf('=');
    const [header, column] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    if (at < 1) throw wrong(`'${pair}' maps nothing; write "Their header=our column".`);
    if (column !== NOT_READ && !columns.includes(column)) {
      throw wrong(
        `there is no column '${column}' to map '${header}' to; there are ${columns.join(', ')}, or - for none.`,
      );
    }
    if (column !== NOT_READ && [...mapping.values()].includes(column))
      throw wrong(`two headers are mapped to '${column}'; map one.`);
    if (mapping.has(header)) throw wrong(`'${header}' is mapped twice; a column has one meaning.`);
    mapping.set(header, column);
  }
  return mapping;
}

/** Where a header is mapped to that is not read although it has the name of one of our columns. */
const NOT_READ = '-';

/** What a header is without the case and the signs that tools put between words. */
const plain = (header: string): string => header.toLowerCase().replace(/[^a-z0-9]/g, '');

/** A header as it is compared with a mapping: without blanks around and between, and without case. */
const folded = (header: string): string => header.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase();

/** Where each column of a mapping or of our own names stands; −1: nowhere. `missing`: mapped headers that are not there. */
function lookUp<C extends string>(
  names: readonly string[],
  columns: readonly C[],
  mapping: ReadonlyMap<string, string>,
): { positions: Record<C, number>; missing: string[] } {
  const positions = Object.fromEntries(columns.map((column) => [column, -1])) as Record<C, number>;
  const missing: string[] = [];
  const mapped = new Set<number>();
  for (const [foreign, column] of mapping) {
    const exact = names.indexOf(foreign);
    const at = exact >= 0 ? exact : names.findIndex((name) => folded(name) === folded(foreign));
    if (at < 0) missing.push(foreign);
    if (column !== NOT_READ) positions[column as C] = at;
    mapped.add(at);
  }
  for (const column of columns) {
    if (positions[column] >= 0) continue;
    positions[column] = names.findIndex((name, i) => !mapped.has(i) && plain(name) === plain(column));
  }
  return { positions, missing };
}

/** Two columns of one name, of which only one would be read. @throws Refused InvalidInput */
function checkTwice(names: readonly string[], positions: Readonly<Record<string, number>>): void {
  for (const [column, at] of Object.entries(positions)) {
    if (at < 0) continue;
    const byName = plain(names[at]!) === plain(column);
    const same = (name: string): boolean =>
      folded(name) === folded(names[at]!) || (byName && plain(name) === plain(column));
    const twin = names.findIndex((name, i) => i !== at && same(name));
    if (twin < 0) continue;
    const problem = `the file has two columns '${names[at]}' (${at + 1} and ${twin + 1})`;
    throw wrong(`${problem}; it is not clear which one to read. Give each column its own name.`);
  }
}

/** True when a line has the mapped headers and the needed columns: it is the header of such a file. */
export function hasColumns<C extends string>(
  fields: readonly string[],
  columns: readonly C[],
  mapping: ReadonlyMap<string, string>,
  needed: readonly C[],
): boolean {
  const { positions, missing } = lookUp(
    fields.map((name) => name.trim()),
    columns,
    mapping,
  );
  return missing.length === 0 && needed.every((column) => positions[column] >= 0);
}

/**
 * Where each column stands in a file with this header; −1: nowhere. A mapped header goes before one that merely has
 * the column's name. @throws Refused InvalidInput when a mapped header or a needed column is missing, or one is there twice
 */
export function positionsOf<C extends string>(
  header: readonly string[],
  columns: readonly C[],
  mapping: ReadonlyMap<string, string>,
  needed: readonly C[],
): Record<C, number> {
  const names = header.map((name) => name.trim());
  const { positions, missing: absent } = lookUp(names, columns, mapping);
  const has = names.slice(0, 50).join(', ');
  if (absent.length > 0) throw wrong(`the file has no column '${absent[0]}'; it has ${has}.`);
  const missing = needed.filter((column) => positions[column] < 0);
  if (missing.length > 0) {
    throw wrong(
      `the file needs the columns ${missing.join(', ')}; it has ${has}. Map foreign headers to them.`,
    );
  }
  checkTwice(names, positions);
  return positions;
}
