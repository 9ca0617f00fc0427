// Which column of a file means what: by our own names, or by a mapping of foreign headers.

import { type Refused, refusal } from '../../refusals';

function wrong(message: string): Refused {
  return refusal('InvalidInput', message, { path: 'map' });
}

/**
 * Reads "Quantity=units,StockCode=sku" into foreign header → column.
 * @throws Refused InvalidInput for what is no mapping, or maps to what is no column
 */
export function readMapping(texts: readonly string[], columns: readonly string[]): Map<string, string> {
  const mapping = new Map<string, string>();
  for (const pair of texts.flatMap((text) => text.split(',')).filter((text) => text.trim() !== '')) {
    const at = pair.lastIndexOf('=');
    const [header, column] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    if (at < 1) throw wrong(`'${pair}' maps nothing; write "Their header=our column".`);
    if (!columns.includes(column)) {
      throw wrong(`there is no column '${column}' to map '${header}' to; there are ${columns.join(', ')}.`);
    }
    if ([...mapping.values()].includes(column))
      throw wrong(`two headers are mapped to '${column}'; map one.`);
    mapping.set(header, column);
  }
  return mapping;
}

/** What a header is without the case and the signs that tools put between words. */
const plain = (header: string): string => header.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * Where each column stands in a file with this header; −1: nowhere. A mapped header goes before one that merely has
 * the column's name. @throws Refused InvalidInput when a mapped header or a needed column is missing
 */
export function positionsOf<C extends string>(
  header: readonly string[],
  columns: readonly C[],
  mapping: ReadonlyMap<string, string>,
  needed: readonly C[],
): Record<C, number> {
  const names = header.map((name) => name.replace(/^\uFEFF/, '').trim());
  const positions = Object.fromEntries(columns.map((column) => [column, -1])) as Record<C, number>;
  for (const [foreign, column] of mapping) {
    const at = names.indexOf(foreign);
    if (at < 0) throw wrong(`the file has no column '${foreign}'; it has ${names.slice(0, 50).join(', ')}.`);
    positions[column as C] = at;
  }
  for (const column of columns) {
    const at = names.findIndex((name) => plain(name) === plain(column));
    if (positions[column] < 0 && !mapping.has(names[at] ?? '')) positions[column] = at;
  }
  const missing = needed.filter((column) => positions[column] < 0);
  if (missing.length > 0) {
    const has = names.slice(0, 50).join(', ');
    throw wrong(
      `the file needs the columns ${missing.join(', ')}; it has ${has}. Map foreign headers to them.`,
    );
  }
  return positions;
}
