// Every statement of the project is prepared against the migrated database, and compared with the TypeScript that sends it.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { runMigrations } from 'graphile-worker';
import { Client } from 'pg';
import { freshDatabase } from '../support/database';
import { TYPESCRIPT } from '../support/typescript';
import type { SqlCall } from './sql/calls';
import { faultsOf } from './sql/compare';
import { Catalog } from './sql/describe';
import { ModuleScopes } from './sql/texts';

const ROOT = join(__dirname, '../..');
const FAULTY = 'tests/architecture/sql/faulty.ts';

/** Why a text is not a constant of its module, and expressions of the module that give texts as they are sent. */
interface PutTogether {
  reason: string;
  samples: string[];
}
const PASSED_ON = 'The text is the caller’s: a constant of another module.';
const TABLE = 'The name of a partition or detached table, which no parameter can give.';
const FILE = 'Rows of a file, not of a database.';

/** The texts that a function of the module sends through this transaction that only listens. */
const sentBy = (call: string): string => `...(() => {
  const texts = [];
  const tx = { rows: async (sql) => { texts.push(sql); return []; } };
  ${call};
  return texts;
})()`;

/** Calls whose text is put together per call, by file and function. This list may shrink, not grow. */
const PUT_TOGETHER: Record<string, PutTogether> = {
  'src/access/queries/quotaTotals.ts##read': { reason: PASSED_ON, samples: [] },
  'src/cli/forecastFile/run.ts#scan': { reason: FILE, samples: [] },
  'src/db/codes.ts##readEdition': { reason: PASSED_ON, samples: [] },
  'src/db/codes.ts#findCodes': { reason: PASSED_ON, samples: [] },
  'src/db/months.ts#dropMonth': { reason: TABLE, samples: [] },
  'src/db/months.ts#makeMonth': { reason: TABLE, samples: [] },
  'src/db/replica.ts#fromReplica': { reason: PASSED_ON, samples: [] },
  'src/db/replica.ts#rows': { reason: PASSED_ON, samples: [] },
  'src/customer/queries/timeline.ts#timelinePage': {
    reason: 'Only the filters that are given are looked at, so that the planner expects a full page.',
    samples: [
      sentBy(`for (const vouchedBy of [null, 1])
        for (const filter of [
          { from: null, to: null, kinds: null, channels: null, orderId: null },
          { from: new Date(0), to: null, kinds: [], channels: [], orderId: '' },
        ]) timelinePage(tx, { identifiers: [], vouchedBy }, filter, null, 1)`),
    ],
  },
  'src/forecast/queries/accuracy.ts#accuracyPage': {
    reason: 'One of a map of texts, by key, order and filter.',
    samples: ['...statements.values()'],
  },
  'src/order/actions/remindAndExpire.ts#inBatches': { reason: PASSED_ON, samples: ['...Object.values(DUE)'] },
  'src/sales/actions/imports/prune.ts#pruneImports': {
    reason: 'Two steps of a list.',
    samples: ['BARE', 'PRUNE'],
  },
  'src/sales/actions/imports/yearPartitions.ts#makeYear': { reason: TABLE, samples: [] },
  'src/stock/actions/detach.ts#detachOldest': { reason: TABLE, samples: [] },
  'src/stock/actions/createPartitions.ts#closeOpenEnd': { reason: TABLE, samples: [] },
  'src/stock/actions/createPartitions.ts#createMissingPartitions': { reason: TABLE, samples: [] },
  'src/stock/queries/detached.ts#contentsOf': {
    reason: TABLE,
    samples: [sentBy("contentsOf(tx, 'stock_move')")],
  },
  'src/stock/queries/pages.ts#levelPage': {
    reason: 'Only the filters that are given are looked at, so that an index fits.',
    samples: [
      sentBy(`for (const backwards of [true, false]) for (const skuIds of [null, [1]])
        for (const belowSafetyOf of [null, ['ONLINE'], 'ONLINE'])
          for (const group of [null, 'PARIS'])
            levelPage(tx, { skuIds, locationIds: [1], group, belowSafetyOf }, { limit: 1, backwards, beyond: null })`),
    ],
  },
  'src/stock/queries/pages.ts#movePage': {
    reason: 'Only the filters that are given are looked at, so that an index fits.',
    samples: [],
  },
  'src/stock/queries/seals.ts#faultOf': { reason: TABLE, samples: ["FIRST_BAD('stock_move')"] },
  'src/stock/queries/seals.ts#nextSeal': { reason: TABLE, samples: ["NEXT('stock_move')"] },
};

const GROUPED = 'a column that the sums are grouped by, which is there under its other name too';

/** Faults that PostgreSQL sees and the text rules out. This list may shrink, not grow. */
const RULED_OUT: Record<string, string> = {
  'src/access/actions/execute.ts FIND_STORED outcome': 'only finished commands are looked at',
  'src/catalog/queries/rows.ts BY_ID priceMinor':
    'Prisma’s row type says bigint; our reader of int8 gives a number',
  'src/contact/queries/context.ts PROMISES promise': 'only contacts with a promise are looked at',
  'src/contact/queries/openCases.ts RETURNS id': 'looked up by return',
  'src/customer/queries/retentionDocuments.ts OBSTACLES_OF_RETURNS id': 'looked up by return',
  'src/customer/queries/retentionDocuments.ts ORDERS closedAt': 'only closed orders are looked at',
  'src/customer/queries/retentionDocuments.ts RETURNS closedAt': 'only closed returns are looked at',
  'src/customer/queries/retentionDocuments.ts RETURNS lastClosedAt': 'only closed returns are looked at',
  'src/forecast/queries/accuracy.ts ...statements.values() category': GROUPED,
  'src/forecast/queries/accuracy.ts ...statements.values() cut_day': GROUPED,
  'src/forecast/queries/accuracy.ts ...statements.values() horizon_from': GROUPED,
  'src/forecast/queries/accuracy.ts ...statements.values() location_id': GROUPED,
  'src/forecast/queries/accuracy.ts ...statements.values() sku_id': GROUPED,
  'src/forecast/queries/forecasts.ts NEWEST_RUNS finishedAt': 'only finished runs are looked at',
  'src/sales/actions/imports/match.ts LINES customer': 'only lines with a customer are looked at',
  'src/stock/actions/approveCounts.ts LOCKED countedAt': 'only recorded counts are looked at',
  'src/stock/queries/levels.ts DRIFT bucket': 'only buckets inside a location are looked at',
  'src/stock/queries/waiting.ts WAITING runId': 'looked up by run',
  'src/transfer/actions/receive.ts COUNTS quantity': 'only counted lines are looked at',
};

interface Fault {
  file: string;
  within: string;
  key: string;
  text: string;
}
let database: { url: string; drop(): Promise<void> };
let client: Client;
const faults: Fault[] = [];
const putTogether = new Set<string>();
let statements = 0;

beforeAll(async () => {
  database = await freshDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  // The queue of job partitions makes its own schema when it is opened.
  await runMigrations({ connectionString: database.url });
  const catalog = await Catalog.read(client);
  const scopes = new ModuleScopes(ROOT, require);
  const check = async (call: SqlCall, expression: string): Promise<void> => {
    const fail = (text: string): void => {
      const column = /column "(\w+)"/.exec(text)?.[1] ?? '';
      faults.push({
        file: call.file,
        within: call.within,
        key: `${call.file} ${expression} ${column}`,
        text: `${call.file}:${call.line} ${text}`,
      });
    };
    for (const text of scopes.texts(call.file, expression)) {
      statements += 1;
      try {
        for (const fault of faultsOf(catalog, await catalog.describe(text), call)) fail(fault);
      } catch (error) {
        fail((error as Error).message);
      }
    }
  };
  const program = join(__dirname, 'sql/calls.ts');
  const calls = execFileSync(process.execPath, [...TYPESCRIPT, program, ROOT, 'src/', 'jobs/', FAULTY], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  for (const call of JSON.parse(calls) as SqlCall[]) {
    for (const expression of call.expressions) {
      try {
        await check(call, expression);
      } catch {
        const key = `${call.file}#${call.within}`;
        putTogether.add(key);
        for (const sample of PUT_TOGETHER[key]?.samples ?? []) await check(call, sample);
      }
    }
  }
}, 180_000);

afterAll(async () => {
  await client.end();
  await database.drop();
});

test('every statement can be prepared, and has the columns and parameters that its call says', () => {
  const found = faults.filter(({ file, key }) => file !== FAULTY && RULED_OUT[key] === undefined);
  expect(found.map(({ text }) => text)).toEqual([]);
  expect(statements).toBeGreaterThan(500);
});

test('what the text rules out is still found', () => {
  const keys = new Set(faults.map(({ key }) => key));
  expect(Object.keys(RULED_OUT).filter((key) => !keys.has(key))).toEqual([]);
});

test('texts are constants, but for those that are listed with their reason', () => {
  const found = [...putTogether].filter((key) => !key.startsWith(FAULTY));
  expect(found.sort()).toEqual(Object.keys(PUT_TOGETHER).sort());
});

describe('the checker finds', () => {
  test.each([
    ['misspeltAlias', ['column "packSize" is missing', 'column "packsize" is in no member of the row type']],
    ['wrongType', ['column "id" is int4, not string']],
    ['missingColumn', ['column "name" is missing']],
    ['unreadColumn', ['column "code" is in no member of the row type']],
    ['neverNull', ['column "priceMinor" may be NULL in sku.price_minor, which number excludes']],
    ['unknownLabel', ['column "kind" may be WAREHOUSE, which "SHOP" lacks']],
    ['wrongParameter', ['parameter $1 is _int4, not string[]']],
    ['oneValueTooMany', ['1 parameters, 2 values']],
    ['noTable', ['relation "ledger_balance_that_is_missing" does not exist']],
    ['correct', []],
  ])('%s', (name, expected) => {
    const found = faults.filter(({ file, within }) => file === FAULTY && within === name);
    expect(found.map(({ text }) => text.replace(/^\S+ /, ''))).toEqual(expected);
  });

  test('a text that is put together', () => {
    expect(putTogether).toContain(`${FAULTY}#putTogether`);
  });
});
