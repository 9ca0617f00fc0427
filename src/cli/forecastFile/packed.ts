// Days packed tightly: one byte a day, 255 announcing a little-endian uint16, all by brotli, keys in an index beside it.

import { createReadStream, existsSync } from 'node:fs';
import { createBrotliDecompress } from 'node:zlib';
import { OperatorError } from '../../refusals';
import { csvRows } from './csv';
import type { SeriesRow, SeriesSource } from './rows';

const WIDE = 255;
const END = '.u8.br';

/** The values one after the other, in blocks as they are unpacked. @throws OperatorError for damaged data */
async function* valuesOf(file: string): AsyncGenerator<Uint16Array, void, undefined> {
  const unpacked = createReadStream(file).pipe(createBrotliDecompress());
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      const values = new Uint16Array(bytes.length);
      let count = 0;
      let at = 0;
      while (at < bytes.length) {
        if (bytes[at] !== WIDE) values[count++] = bytes[at++]!;
        else if (at + 2 < bytes.length) {
          values[count++] = bytes.readUInt16LE(at + 1);
          at += 3;
        } else break;
      }
      rest = bytes.subarray(at);
      yield values.subarray(0, count);
    }
  } catch (error) {
    throw new OperatorError(`${file} cannot be unpacked: ${(error as Error).message}.`);
  }
}

interface PackedIndexRow {
  key: string;
  groups: Record<string, string>;
}

async function* indexRows(index: string): AsyncGenerator<PackedIndexRow, void, undefined> {
  let names: string[] | null = null;
  for await (const { cells } of csvRows(index)) {
    if (!names) names = cells.slice(1);
    else
      yield {
        key: cells[0]!,
        groups: Object.fromEntries(names.map((name, i) => [name, cells[i + 1] ?? ''])),
      };
  }
}

/**
 * A packed file, its rows in the order of `…_index.csv.gz` beside it (first column the key, the others groups).
 * @throws OperatorError when there is no index or the values don't make whole rows of it
 */
export async function packedSource(file: string): Promise<SeriesSource> {
  const index = file.endsWith(END) ? `${file.slice(0, -END.length)}_index.csv.gz` : '';
  if (!existsSync(file)) throw new OperatorError(`There is no file ${file}.`);
  if (!existsSync(index))
    throw new OperatorError(`${file} needs its index beside it: ${index || `a name that ends in ${END}`}.`);
  let count = 0;
  for await (const values of valuesOf(file)) count += values.length;
  let rows = 0;
  for await (const _ of indexRows(index)) rows++;
  const periods = count / rows;
  if (!Number.isInteger(periods)) {
    throw new OperatorError(
      `${file} has ${count} days, which are no whole rows for the ${rows} series of ${index}.`,
    );
  }
  return {
    file,
    period: 'DAY',
    firstDay: null,
    periods,
    nameOf: (number) => `d_${number + 1}`,
    rows: () => rowsOf(file, index, periods),
  };
}

async function* rowsOf(
  file: string,
  index: string,
  periods: number,
): AsyncGenerator<SeriesRow, void, undefined> {
  const keys = indexRows(index);
  let values = new Float64Array(periods);
  let filled = 0;
  for await (const block of valuesOf(file)) {
    for (let at = 0; at < block.length; ) {
      const part = block.subarray(at, at + periods - filled);
      values.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < periods) continue;
      const { value } = await keys.next();
      yield { ...(value as PackedIndexRow), values };
      values = new Float64Array(periods);
      filled = 0;
    }
  }
}
