// importSales: a feed sends lines of sales in batches; invalid lines are returned with their reasons, valid ones are stored.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import type { Tx } from '../../db/pool';
import { locationsByCode, SkuIdCache, skuProblem } from '../queries/codes';
import { type FeedForm, LineReader, SALES_COLUMNS, type SalesColumn } from '../rules/line';
import type { LineCounts } from '../rules/outcome';
import { Pseudonyms } from '../rules/pseudonym';
import type { RejectCode } from '../rules/rejection';
import { BUCKETS } from './imports/apply';
import { lockFeed, openFeed } from './imports/feeds';
import { keyCustomersNow } from './imports/keyCustomers';
import { matchSome } from './imports/match';
import { advance, beginRun, fillRaw, finishRun, type Reject, setAside } from './imports/runs';
import { insertLines, type StagedLine } from './imports/staging';
import type { ReceiptNumbers } from './imports/statedLines';
import { applyStep } from './imports/step';

export interface ImportSalesInput {
  feed: string;
  form: FeedForm;
  /** Lines have numbers of their own. */
  byLine: boolean;
  /** How far a receipt number names a receipt; left out: within its day and location. */
  numbers?: ReceiptNumbers;
  /** Texts by column, in the order of SALES_COLUMNS; money in minor units. */
  lines: string[][];
}

/** Counts of the lines; rejected lines are numbered by their position in the request, from 1. */
export interface ImportSalesDone extends LineCounts {
  runId: number;
  /** New lines whose number their feed and location has used on another day. */
  repeatedNumbers: number;
  rejects: { line: number; code: RejectCode; reason: string }[];
}

const LOCATION = SALES_COLUMNS.indexOf('location');

/** Every column stands at its own position; without their own number, lines have none. */
function positionsOf({ form, byLine }: ImportSalesInput): Record<SalesColumn, number> {
  const positions = Object.fromEntries(SALES_COLUMNS.map((column, i) => [column, i]));
  if (!byLine) positions.line = -1;
  if (form === 'DAYS') positions.document = -1;
  // An amount that is left out is no price of zero; revenue covers both.
  positions.price = -1;
  positions.type = -1;
  return positions as Record<SalesColumn, number>;
}

/** Text stored of a rejected line: all columns but the customer. */
function keptOf(fields: readonly string[]): string {
  return JSON.stringify(fields.map((text, i) => (SALES_COLUMNS[i] === 'customer' ? '' : text)));
}

async function readLines(
  tx: Tx,
  feedId: number,
  input: ImportSalesInput,
  { now, pseudonyms }: { now: Date; pseudonyms: Pseudonyms },
) {
  const locations = await locationsByCode(tx, now);
  const reading = {
    form: input.form,
    numberForm: { decimal: 'POINT' as const, certain: true },
    currency: null,
    location: null,
    channel: 'STORE',
    dateOrder: 'ymd' as const,
    decimalComma: false,
    minorDigits: 0,
    productPattern: null,
    freeGoods: true,
    returnPrefix: null,
  };
  const reader = new LineReader(feedId, positionsOf(input), reading, { locations, pseudonyms });
  const skuIds = new SkuIdCache(tx);
  await skuIds.learn(input.lines.map((fields) => fields[0]!));
  const good: StagedLine[] = [];
  const rejects: Reject[] = [];
  input.lines.forEach((fields, i) => {
    const line = i + 1;
    const read = reader.read(fields);
    const sku = 'code' in read ? undefined : skuIds.of(read.sku);
    const units = Number(fields[1]);
    const aside = { line, raw: keptOf(fields), units: Number.isInteger(units) ? units : null };
    if ('code' in read) rejects.push({ ...aside, ...read });
    else if (sku?.units !== 1) {
      rejects.push({ ...aside, code: 'UNKNOWN_SKU', reason: skuProblem(read.sku, sku) });
    } else {
      const { sku: _sku, priceMinor: _priceMinor, ...rest } = read;
      good.push({ ...rest, line, skuId: sku.id });
    }
  });
  return { good, rejects };
}

/**
 * Takes lines of sales and returns of one feed. The same line again changes nothing, a changed line corrects it.
 * `input` is checked by the schema layer. @throws Refused InvalidInput for a feed that states them in another form
 */
export function importSales(secretKey: Buffer) {
  return defineCommand(
    'importSales',
    async (tx: Tx, command: Command<ImportSalesInput>): Promise<ImportSalesDone> => {
      const { input, now, idempotencyKey, actor } = command;
      const feedId = await openFeed(tx, input.feed, input.form, actor);
      await lockFeed(tx, feedId);
      const pseudonyms = new Pseudonyms(secretKey);
      await keyCustomersNow(tx, pseudonyms, feedId);
      const { good, rejects } = await readLines(tx, feedId, input, { now, pseudonyms });
      for (const { line, locationId } of good)
        mustWorkAt(actor, locationId, input.lines[line - 1]![LOCATION]!);
      const fileName = `importSales by ${actor.name}`;
      const what = { feedId, kind: 'sales', fileName, fileHash: idempotencyKey, options: {} };
      const run = await beginRun(tx, what, now);
      await setAside(tx, run.id, rejects);
      await insertLines(tx, run.id, input.form, good);
      const lines = input.lines.length;
      const figures = { staged: good.length };
      await advance(tx, run.id, { lines, records: lines, rejected: rejects.length, figures });
      const { form, byLine, numbers = 'DAILY' } = input;
      const staged = { runId: run.id, feedId, form, byLine, numbers, againOf: [] };
      const { step } = await applyStep(tx, staged, figures, [0, BUCKETS]);
      const texts = step.aside.map(({ line }) => ({ line, raw: keptOf(input.lines[line - 1]!) }));
      await fillRaw(tx, run.id, texts);
      // This includes lines left unmatched by a file import that was killed.
      while ((await matchSome(tx, feedId)) > 0);
      await finishRun(tx, run.id, now);
      const {
        repeated: repeatedNumbers,
        repeats: _repeats,
        aside,
        firstDay: _first,
        lastDay: _last,
        ...counts
      } = step;
      const all = [...rejects, ...aside].sort((a, b) => a.line - b.line);
      return {
        ...counts,
        ...{ runId: run.id, repeatedNumbers },
        rejects: all.map(({ line, code, reason }) => ({ line, code, reason })),
      };
    },
  );
}
