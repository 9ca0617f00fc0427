// Batches of records of a sales file: records are parsed, their SKUs found or created, and invalid lines rejected.

import { SYSTEM } from '../../../access/rules/roles';
import { upsertSkus } from '../../../catalog/actions';
import { CATALOG_LIMITS, skuCodeProblem } from '../../../catalog/rules/codes';
import { widthProblem } from '../../../csv/open';
import { type CsvRecord, RECORD_PROBLEMS } from '../../../csv/rules/records';
import type { Db } from '../../../db/pool';
import { MAX_BULK } from '../../../refusals';
import { cleanLine, firstCharacters } from '../../../values/text';
import { type SkuIdCache, skuProblem } from '../../queries/codes';
import type { KeptText } from '../../rules/keptText';
import type { LineReader, Positions, SalesLine, SalesReading } from '../../rules/line';
import type { ImportRun, Reject } from './runs';
import { storable } from './runs';
import type { StagedLine } from './staging';
import type { ReceiptNumbers } from './statedLines';

/** Sums for the reconciliation, kept with the run. */
export class ImportFigures {
  constructor(readonly sums: Record<string, number>) {}

  add(name: string, amount: number): void {
    this.sums[name] = (this.sums[name] ?? 0) + amount;
  }
}

/** State of one import of one file. */
export interface FileImport {
  db: Db;
  /** SKUs that are not known are created, their prices in this currency; null: their lines are rejected. */
  createSkus: { currency: string } | null;
  numbers: ReceiptNumbers;
  run: ImportRun;
  reading: SalesReading;
  positions: Positions;
  reader: LineReader;
  keptText: KeptText;
  skuIds: SkuIdCache;
  figures: ImportFigures;
  now: Date;
}

/** The result of one batch of records: lines, and rejected records. */
export interface RecordBatch {
  lines: { record: CsvRecord; line: SalesLine }[];
  rejects: Reject[];
  records: number;
  lastLine: number;
}

function asideOf(
  { keptText }: FileImport,
  record: CsvRecord,
  code: Reject['code'],
  reason: string,
  units: number | null,
): Reject {
  return { line: record.line, raw: keptText(record), code, reason, units };
}

/** Reads one record into the batch. */
export function take(
  work: FileImport,
  header: readonly string[],
  batch: RecordBatch,
  record: CsvRecord,
): void {
  const { reader, figures } = work;
  const { fields } = record;
  batch.records += 1;
  if (fields === null) {
    batch.rejects.push(asideOf(work, record, record.problem!, RECORD_PROBLEMS[record.problem!], null));
    return;
  }
  const problem = widthProblem(fields, header);
  if (problem !== null) {
    batch.rejects.push(asideOf(work, record, 'WRONG_COLUMNS', problem, null));
    return;
  }
  const units = reader.unitsOf(fields);
  figures.add('rawUnits', units ?? 0);
  const line = reader.read(fields);
  if ('code' in line) batch.rejects.push(asideOf(work, record, line.code, line.reason, units));
  else batch.lines.push({ record, line });
}

/** Creates the SKUs behind unknown codes from the first line that names each. */
async function makeSkus(
  { db, createSkus, run, positions, skuIds, now }: FileImport,
  batch: RecordBatch,
  unknown: readonly string[],
): Promise<void> {
  const wanted = new Map<string, RecordBatch['lines'][number]>();
  const codes = new Set(unknown.filter((code) => skuCodeProblem(code) === null));
  for (const one of batch.lines)
    if (codes.has(one.line.sku) && !wanted.has(one.line.sku)) wanted.set(one.line.sku, one);
  const skus = [...wanted.values()].map(({ record, line }) => {
    const statedName = positions.name < 0 ? '' : (record.fields![positions.name] ?? '');
    const name = firstCharacters(cleanLine(storable(statedName)), CATALOG_LIMITS.nameLength);
    const amountMinor = Math.min(line.priceMinor ?? 0, CATALOG_LIMITS.priceMinor);
    const price = line.priceMinor === null ? null : { amountMinor, currency: createSkus!.currency };
    return { code: line.sku, name: name || line.sku, price };
  });
  for (let from = 0; from < skus.length; from += MAX_BULK) {
    const idempotencyKey = `import ${run.id} ${batch.lastLine} ${from}`;
    const input = { skus: skus.slice(from, from + MAX_BULK) };
    await upsertSkus(db, { actor: SYSTEM, idempotencyKey, now, input });
  }
  await skuIds.learn(codes);
}

/** Finds the SKUs of a batch; lines of unknown ones are rejected. */
export async function resolve(work: FileImport, batch: RecordBatch): Promise<StagedLine[]> {
  const { skuIds, figures } = work;
  const unknown = await skuIds.learn(batch.lines.map(({ line }) => line.sku));
  if (unknown.length > 0 && work.createSkus !== null) await makeSkus(work, batch, unknown);
  const staged: StagedLine[] = [];
  for (const { record, line } of batch.lines) {
    const sku = skuIds.of(line.sku);
    if (sku?.units !== 1) {
      const reason = skuProblem(line.sku, sku);
      batch.rejects.push(asideOf(work, record, 'UNKNOWN_SKU', reason, line.units));
      continue;
    }
    figures.add(line.units < 0 ? 'backLines' : 'soldLines', 1);
    figures.add(line.units < 0 ? 'backUnits' : 'soldUnits', Math.abs(line.units));
    if (line.returned > 0) figures.add('returnedUnits', line.returned);
    figures.add(`year ${line.day.slice(0, 4)}`, 1);
    const { sku: _sku, priceMinor: _priceMinor, ...rest } = line;
    staged.push({ ...rest, line: record.line, skuId: sku.id });
  }
  for (const { code, units } of batch.rejects) {
    figures.add(`aside ${code}`, 1);
    figures.add(`aside units ${code}`, units ?? 0);
  }
  return staged;
}
