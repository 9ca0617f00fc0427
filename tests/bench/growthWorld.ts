// The worlds of npm run bench:growth: a chain and the ledger of its last two years, loaded by COPY, its books balanced.

import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { migrate } from '../../src/db/migrate';
import { openDb } from '../../src/db/pool';
import { inTransaction } from '../../src/db/transaction';
import { createPartitions } from '../../src/stock/actions/createPartitions';
import { partitions } from '../../src/stock/queries/partitions';
import { newToken } from '../support/world';
import { type GrowthSize, type Ids, Life } from './growthLife';

/** Maximum of ACTIVE reservations at the end: those of one minute of a busy evening. */
const OPEN_HOLDS = 10_000;
const BLOCK = 10_000;
/** The actor of all that happened. */
const CHAIN = 'growth';
const FEED_BYTES = 262_144;

/** Text that goes to COPY in pieces, no faster than the server takes it. */
class Feed {
  #lines: string[] = [];
  #length = 0;
  readonly #stream: ReturnType<typeof copyFrom> & NodeJS.WritableStream;
  readonly #ended: Promise<void>;

  constructor(client: pg.Client, into: string) {
    this.#stream = client.query(copyFrom(`COPY ${into} FROM STDIN`));
    this.#ended = new Promise((resolve, reject) => {
      this.#stream.once('finish', resolve);
      this.#stream.once('error', reject);
    });
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#length += line.length;
  }

  async flush(least = FEED_BYTES): Promise<void> {
    if (this.#length < least) return;
    const text = this.#lines.join('');
    this.#lines = [];
    this.#length = 0;
    if (!this.#stream.write(text)) {
      await Promise.race([new Promise((resolve) => this.#stream.once('drain', resolve)), this.#ended]);
    }
  }

  async end(): Promise<void> {
    await this.flush(1);
    this.#stream.end();
    await this.#ended;
  }
}

const LOCATIONS = `
  INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone)
  SELECT 'place-' || i, 'Place ' || i, 'SHOP', 'FR', 43 + i % 7, i % 6, 'Europe/Paris' FROM generate_series(1, $1::int) i`;
const SKUS = `
  INSERT INTO sku (code, name, category, price_minor, currency)
  SELECT 'G' || i, 'Article ' || i, 'Dept ' || i % 7 || '/Cat ' || i % 40, 990, 'EUR' FROM generate_series(1, $1::int) i`;

/** Indexes that no foreign key needs; they are built when the rows are there. */
const BUILT_LATER = `
  SELECT i.indexrelid::regclass::text AS name, t.relname AS table,
         replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS definition,
         c.conname AS constraint, pg_get_constraintdef(c.oid) AS "constraintSql"
  FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
  LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u') AND c.conrelid = t.oid
  WHERE t.relname IN ('stock_move', 'command', 'stock_level', 'reservation', 'reservation_line')
    AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = i.indexrelid)
  ORDER BY i.indisprimary DESC, 1`;

interface IndexRow {
  name: string;
  table: string;
  definition: string;
  constraint: string | null;
  constraintSql: string;
}

async function withoutIndexes(
  client: pg.Client,
  load: () => Promise<void>,
  progress: ProgressLine,
): Promise<void> {
  const { rows } = await client.query<IndexRow>(BUILT_LATER);
  for (const { name, table, constraint } of rows) {
    await client.query(
      constraint ? `ALTER TABLE ${table} DROP CONSTRAINT ${constraint}` : `DROP INDEX ${name}`,
    );
  }
  await load();
  for (const { table, definition, constraint, constraintSql, name } of rows) {
    await client.query(
      constraint ? `ALTER TABLE ${table} ADD CONSTRAINT ${constraint} ${constraintSql}` : definition,
    );
    progress(`  index ${name}`);
  }
}

type ProgressLine = (line: string) => void;

/** Writes the moves of each partition into its own table, and what belongs to them beside it. */
async function copyLife(
  clients: pg.Client[],
  life: Life,
  moves: number,
  progress: ProgressLine,
): Promise<void> {
  const [moveClient, commandClient, reservationClient, lineClient] = clients as [
    pg.Client,
    pg.Client,
    pg.Client,
    pg.Client,
  ];
  const commands = new Feed(
    commandClient,
    'command (id, actor_id, key, action, request_hash, outcome, created_at)',
  );
  const reservations = new Feed(
    reservationClient,
    'reservation (id, owner_id, location_id, channel, status, expires_at, certificate, created_at, ended_at)',
  );
  const lines = new Feed(lineClient, 'reservation_line (reservation_id, sku_id, requested, quantity)');
  const feeds = {
    command: (line: string) => commands.add(line),
    reservation: (line: string) => reservations.add(line),
    line: (line: string) => lines.add(line),
  };
  const there = await partitions({ rows: async (sql) => (await moveClient.query(sql)).rows });
  for (const { name, to } of there) {
    const last = Math.min(moves, to === null ? moves : Number(to) - 1);
    if (life.done >= last) continue;
    await moveClient.query('BEGIN');
    await moveClient.query(`TRUNCATE ${name}`);
    const feed = new Feed(moveClient, `${name} (${Life.columns})`);
    while (life.done < last) {
      life.live(Math.min(BLOCK, last - life.done), (line) => feed.add(line), feeds);
      for (const each of [feed, commands, reservations, lines]) await each.flush();
    }
    await feed.end();
    await moveClient.query('COMMIT');
    progress(`  ${life.done.toLocaleString('en')} moves`);
  }
  life.end(feeds);
  await commands.end();
  await reservations.end();
  await lines.end();
  const levels = new Feed(commandClient, 'stock_level (location_id, sku_id, available, reserved, position)');
  for (const line of life.levels()) {
    levels.add(line);
    await levels.flush();
  }
  await levels.end();
}

async function idsOf(client: pg.Client): Promise<Ids> {
  const { rows } = await client.query<Ids>(
    `
    SELECT (SELECT min(id) FROM location WHERE code LIKE 'place-%') AS "firstLocation",
           (SELECT min(id) FROM sku WHERE code LIKE 'G%') AS "firstSku",
           (SELECT id FROM actor WHERE name = $1) AS actor`,
    [CHAIN],
  );
  return rows[0]!;
}

/** Fills the empty database at `url`: everything but the seals. */
async function fill(url: string, size: GrowthSize, until: Date, progress: ProgressLine): Promise<void> {
  const clients = Array.from({ length: 4 }, () => new pg.Client({ connectionString: url }));
  for (const client of clients) await client.connect();
  const [client] = clients as [pg.Client];
  const db = openDb(url, 2);
  try {
    await migrate(client);
    await client.query(LOCATIONS, [size.locations]);
    await client.query(SKUS, [size.skus]);
    await newToken(db, 'STOREFRONT', CHAIN);
    await client.query("SELECT setval('stock_move_id_seq', $1)", [size.moves]);
    await createPartitions(db);
    for (const each of clients) {
      // The generator is trusted: checking four foreign keys a move would take longer than making it.
      await each.query(
        "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'; SET synchronous_commit = off",
      );
    }
    const life = new Life(await idsOf(client), size, until, OPEN_HOLDS);
    await withoutIndexes(client, () => copyLife(clients, life, size.moves, progress), progress);
    await client.query("SELECT setval('command_id_seq', (SELECT max(id) FROM command))");
    await client.query('VACUUM (FREEZE, ANALYZE)');
  } finally {
    for (const each of clients) await each.end();
    await db.close();
  }
}

const LEVELS_AS_SUMS = `
  INSERT INTO ledger_balance (location_id, sku_id, available, reserved, staged, quarantine, in_transit)
  SELECT location_id, sku_id, available, reserved, staged, quarantine, in_transit FROM stock_level`;

/** The sums through the last move, which are the levels. */
async function keepSums(url: string, moves: number): Promise<void> {
  const db = openDb(url, 1);
  try {
    await inTransaction(db, async (tx) => {
      await tx.rows('SET LOCAL statement_timeout = 0');
      await tx.rows(LEVELS_AS_SUMS);
      await tx.rows('UPDATE ledger_state SET balanced_id = $1', [moves]);
    });
    await db.rows('ANALYZE ledger_balance');
  } finally {
    await db.close();
  }
}

/** Loads such a world into the empty database at `url`, all but its seals. */
export async function loadGrowth(url: string, size: GrowthSize, progress: ProgressLine): Promise<void> {
  await fill(url, size, new Date(), progress);
  await keepSums(url, size.moves);
}
