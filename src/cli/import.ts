// npm run import -- <kind> <file>: reads a file of sales, stock counts, the catalogue, locations, customers or contacts from another system.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import { SYSTEM } from '../access/rules/roles';
import { importContactFile } from '../contact/actions/importContacts';
import { csvLine } from '../csv/rules/cells';
import { importProfileFile } from '../customer/actions/importProfiles';
import type { Db } from '../db/pool';
import { isUnreachable } from '../db/transaction';
import type { Parts } from '../graphql/context';
import { importListFile, LIST_KINDS, type ListName } from '../sales/actions/imports/listFile';
import type { SalesFile } from '../sales/actions/imports/openSales';
import type { ImportRun } from '../sales/actions/imports/runs';
import {
  compareSalesFile,
  importSalesFile,
  type SalesFileProgress,
} from '../sales/actions/imports/salesFile';
import { rejectPage } from '../sales/queries/imports';
import { feedTotals } from '../sales/queries/reconcile';
import { agrees, comparedTable } from '../sales/rules/compare';
import { SALES_COLUMNS } from '../sales/rules/line';
import { readMapping } from '../sales/rules/mapping';
import { outcomeOf } from '../sales/rules/outcome';
import { feedAgrees, feedTable, fileTable } from '../sales/rules/reconcile';
import { boot, run } from '../server/boot';
import { approveCounts } from '../stock/actions/approveCounts';
import { waitingCounts } from '../stock/queries/waiting';
import { COLUMNS, type ImportArguments, numbersOf, readArguments, USAGE } from './importFlags';

const print = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const PROGRESS_EVERY_MS = 1_000;

/** Prints progress at most once a second. */
function progressPrinter(): (progress: SalesFileProgress) => void {
  let reportedAt = 0;
  let phase = '';
  return (progress) => {
    const now = performance.now();
    if (now - reportedAt < PROGRESS_EVERY_MS && progress.phase === phase) return;
    reportedAt = now;
    phase = progress.phase;
    const share = progress.share === null ? '' : ` (${Math.floor(progress.share * 100)} %)`;
    print(`  ${progress.phase}: ${progress.lines.toLocaleString('en')}${share}`);
  };
}

const REJECTS_PAGE = 5_000;

/** Writes the rejected lines into a file beside the imported one; none: no file. The file appears whole or not at all. */
async function writeRejects(db: Db, runId: number, path: string): Promise<void> {
  let page = await rejectPage(db, runId, 0, REJECTS_PAGE);
  if (page.length === 0) return;
  await rm(`${path}.part`, { force: true });
  const out = createWriteStream(`${path}.part`, { mode: 0o600 });
  out.write('line,code,reason,raw\n');
  while (page.length > 0) {
    const text = page.map((r) => `${csvLine([r.line, r.code, r.reason, r.raw])}\n`).join('');
    if (!out.write(text)) await once(out, 'drain');
    page = await rejectPage(db, runId, page.at(-1)!.line, REJECTS_PAGE);
  }
  out.end();
  await finished(out);
  await rename(`${path}.part`, path);
  print(`Rejected lines are in ${path}.`);
}

/** Prints the result of the import; the exit code is 1 when nothing of the file was imported. */
function printOutcome(imported: { run: ImportRun; before: boolean }): void {
  for (const line of outcomeOf(imported)) print(line);
  const { run, before } = imported;
  if (run.accepted > 0 || (before && run.againOf !== null)) return;
  process.exitCode = 1;
  print('Nothing of the file was imported.');
}

async function importSales({ db, secretKey }: Parts, request: ImportArguments, now: Date): Promise<void> {
  const { path, values, reading } = request;
  const file: SalesFile = {
    path,
    feed: values.feed,
    mapping: readMapping(values.map ?? [], SALES_COLUMNS),
    reading,
    currency: values.currency ?? null,
    encoding: values.encoding ?? null,
    separator: values.separator ?? null,
    createSkus: values['create-skus'] ? { currency: values.currency! } : null,
    numbers: numbersOf(values),
    secretKey,
    again: values.again,
    reread: values.reread,
  };
  const imported = await importSalesFile(db, file, now, progressPrinter());
  printOutcome(imported);
  if (values.reconcile) await reconcile(db, file, imported.run, now);
  else process.stdout.write(fileTable(imported.run.figures));
  await writeRejects(db, imported.run.id, values.rejects ?? `${path}.rejects.csv`);
}

/** Compares the file with what is stored, and the feed's days with its lines; a difference ends the program with 1. */
async function reconcile(db: Db, file: SalesFile, run: ImportRun, now: Date): Promise<void> {
  const { compared, figures } = await compareSalesFile(db, file, run, now);
  const totals = await feedTotals(db, run.feedId);
  process.stdout.write(fileTable(figures) + comparedTable(compared) + feedTable(totals));
  const ofLines = totals.lines > 0;
  if (agrees(compared) && (!ofLines || feedAgrees(totals))) return;
  process.exitCode = 1;
  print(
    agrees(compared)
      ? 'The daily sales of the feed do not equal the sums of its lines. This is a fault of the program; please report it.'
      : 'The file and what is stored of it differ: a later file may have corrected its lines, or lines rejected then would be accepted now (--again).',
  );
}

/** What all files but those of sales are read with. */
function recordFile({ path, values }: ImportArguments, columns: readonly string[]) {
  return {
    path,
    feed: values.feed,
    mapping: readMapping(values.map ?? [], columns),
    encoding: values.encoding ?? null,
    separator: values.separator ?? null,
    decimalComma: values['decimal-comma'],
    decimalPoint: values['decimal-point'],
    again: values.again,
    reread: values.reread,
  };
}

/** Files about people: of customers, and of contacts with them. */
async function importPeople(parts: Parts, request: ImportArguments, now: Date): Promise<void> {
  const { db, secretKey, config } = parts;
  const { path, values, reading, kind } = request;
  const report = progressPrinter();
  const onProgress = (lines: number) => report({ phase: 'reading', lines, share: null });
  const file = {
    ...recordFile(request, COLUMNS[kind]),
    ...{ secretKey, dateOrder: reading.dateOrder },
    storefront: values.storefront ?? null,
    country: values.country ?? null,
    verified: values.verified ?? null,
  };
  const imported =
    kind === 'contacts'
      ? await importContactFile(db, { ...file, config }, now, onProgress)
      : await importProfileFile(db, { ...file, identity: config.identity }, now, onProgress);
  printOutcome(imported);
  await writeRejects(db, imported.run.id, values.rejects ?? `${path}.rejects.csv`);
}

async function importList({ db, secretKey }: Parts, request: ImportArguments, now: Date): Promise<void> {
  const { path, values } = request;
  const kind = request.kind as ListName;
  const report = progressPrinter();
  const imported = await importListFile(
    db,
    {
      kind,
      ...recordFile(request, COLUMNS[kind]),
      location: values.location ?? null,
      currency: values.currency ?? null,
      secretKey,
    },
    now,
    (lines) => report({ phase: 'reading', lines, share: null }),
  );
  printOutcome(imported);
  if (kind === 'counts') await reportWaiting(db, imported.run.id, values.approve ?? false, now);
  await writeRejects(db, imported.run.id, values.rejects ?? `${path}.rejects.csv`);
}

/** Prints how many counts of a run wait for approval, or approves them. */
async function reportWaiting(db: Db, runId: number, approve: boolean, now: Date): Promise<void> {
  let waiting = (await waitingCounts(db, [runId])).get(runId) ?? 0;
  if (waiting === 0) return;
  if (!approve) {
    const how = `approveCounts(run: ${runId}) in the API, or this command with --approve, posts them all`;
    print(`${waiting} counts differ so much from the ledger that they wait for approval; ${how}.`);
    return;
  }
  for (let done = 1; done > 0 && waiting > 0; ) {
    const request = { actor: SYSTEM, idempotencyKey: `import ${runId} approve ${uuid()}`, now };
    const answer = await approveCounts(db, { ...request, input: { runId } });
    ({ approved: done, waiting } = answer);
    if (done > 0) print(`${done} counts that waited were approved; ${waiting} wait still.`);
    else for (const { reason } of answer.kept) print(`  not approved: ${reason}`);
  }
}

function workOf(kind: ImportArguments['kind']) {
  if (kind === 'customers' || kind === 'contacts') return importPeople;
  return LIST_KINDS.includes(kind as ListName) ? importList : importSales;
}

const MAX_TRIES = 10;
const TRY_AGAIN_MS = 5_000;

/** An import goes on where it was, so a database that is away for a moment only costs that moment. */
async function untilReached(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isUnreachable(error) || tries >= MAX_TRIES) throw error;
      print(
        `The database cannot be reached (${(error as Error).message}); trying again in ${TRY_AGAIN_MS / 1_000} s.`,
      );
      await sleep(TRY_AGAIN_MS);
    }
  }
}

async function main(): Promise<void> {
  const request = readArguments(process.argv.slice(2));
  if (request === null) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const { parts, close } = await boot(print);
  try {
    await untilReached(() => workOf(request.kind)(parts, request, parts.clock()));
  } finally {
    await close();
  }
}

void run(main);
