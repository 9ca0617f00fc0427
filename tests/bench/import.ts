// npm run bench:import -- file.csv[.gz] [options of npm run import -- sales]: the import against a plain COPY of the same file.

import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { openRecords } from '../../src/csv/open';
import { surveyFile } from '../../src/csv/survey';
import { startEmbedded } from '../../src/db/embedded/embedded';
import { migrate } from '../../src/db/migrate';
import { TYPESCRIPT } from '../support/typescript';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** A file of a million lines when none is named: receipts of five lines over two years, a return in fifty. */
function* made(): Generator<string> {
  yield 'document,sku,units,day,price,customer,name\n';
  for (let i = 0; i < 1_000_000; i += 1) {
    const day = new Date(Date.UTC(2024, 0, 1) + Math.floor(i / 1_370) * 86_400_000)
      .toISOString()
      .slice(0, 10);
    const sku = `S${(i * 7_919) % 3_000}`;
    yield `${Math.floor(i / 5)},${sku},${i % 50 === 49 ? -1 : 1 + (i % 3)},${day} 10:00,9.90,c${i % 9_973},Article ${sku}\n`;
  }
}

async function textOf(path: string): Promise<Readable> {
  const file = await open(path);
  const magic = Buffer.alloc(2);
  await file.read(magic, 0, 2, 0);
  await file.close();
  const source = createReadStream(path);
  return magic[0] === 0x1f && magic[1] === 0x8b ? source.pipe(createGunzip()) : source;
}

async function headerOf(path: string): Promise<{ names: string[]; separator: string }> {
  const { header, separator, records } = await openRecords(await surveyFile(path, null), { separator: null });
  await records.return(undefined);
  return { names: header, separator };
}

/** The same text into a table of texts without keys: what any import has to pay. */
async function plainCopy(client: Client, path: string): Promise<{ seconds: number; lines: number }> {
  const { names, separator } = await headerOf(path);
  await client.query(`CREATE TABLE plain (${names.map((_, i) => `c${i} text`).join(', ')})`);
  const began = performance.now();
  const sql = `COPY plain FROM STDIN (FORMAT csv, HEADER, DELIMITER '${separator}')`;
  await pipeline(await textOf(path), client.query(copyFrom(sql)));
  const seconds = (performance.now() - began) / 1_000;
  const { rows } = await client.query<{ lines: string }>('SELECT count(*) AS lines FROM plain');
  await client.query('DROP TABLE plain');
  return { seconds, lines: Number(rows[0]!.lines) };
}

/** Runs the real command; returns its seconds and its output. */
function importIt(url: string, path: string, args: readonly string[]): { seconds: number; stdout: string } {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...TYPESCRIPT, 'src/cli/import.ts', 'sales', path, ...args],
    {
      env: { ...process.env, DATABASE_URL: url, SECRET_KEY: 'a long random text of the benches, 42 byte' },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const seconds = (performance.now() - began) / 1_000;
  if (status !== 0) throw new Error(stderr);
  return { seconds, stdout };
}

const PLACE = `
  INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone)
  VALUES ('bench', 'Bench', 'WAREHOUSE', 'GB', 51.5, 0, 'Europe/London')`;

async function main(): Promise<void> {
  const [named, ...options] = process.argv.slice(2);
  const folder = mkdtempSync(join(tmpdir(), 'comptoir-bench-'));
  const server = await startEmbedded({ dataDir: join(folder, 'data') });
  try {
    let path = named;
    if (path === undefined) {
      path = join(folder, 'made.csv');
      await pipeline(Readable.from(made()), createWriteStream(path));
    }
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await migrate(client);
    await client.query(PLACE);
    const copy = await plainCopy(client, path);
    const args = [
      ...['--feed', 'bench', '--location', 'bench', '--currency', 'GBP', '--create-skus', '--reconcile'],
      ...['--rejects', join(folder, 'rejects.csv'), ...options],
    ];
    const first = importIt(server.url, path, args);
    const again = importIt(server.url, path, [...args, '--reread']);
    await client.end();
    print(first.stdout);
    print(`${cpus().length} cores, PostgreSQL in the same machine, fsync on; ${copy.lines} lines`);
    const row = (what: string, seconds: number) =>
      print(
        `${what.padEnd(34)} ${seconds.toFixed(1).padStart(7)} s  ${Math.round((copy.lines / seconds) * 60)
          .toLocaleString('en')
          .padStart(12)} lines a minute  ${(seconds / copy.seconds).toFixed(1).padStart(6)} × COPY`,
      );
    row('plain COPY', copy.seconds);
    row('import', first.seconds);
    row('the same once more (--reread)', again.seconds);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
