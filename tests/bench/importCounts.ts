// npm run bench:counts -- [lines]: a count file in the order of its locations, of its SKUs, and in no order, with the real command.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbedded } from '../../src/db/embedded/embedded';
import { migrate } from '../../src/db/migrate';
import { TYPESCRIPT } from '../support/typescript';

const LOCATIONS = 40;

const WORLD = `
  INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone)
  SELECT 'loc-' || n, 'Bench', 'SHOP', 'FR', 48.8, 2.3, 'Europe/Paris' FROM generate_series(1, ${LOCATIONS}) n`;
const SKUS = `INSERT INTO sku (code, name) SELECT 'S-' || n, 'Article' FROM generate_series(1, $1::int) n`;

type Order = 'by location' | 'by SKU' | 'in no order';

/** Lines of every SKU at every location; each file has other numbers, so that each posts moves. */
function linesOf(skus: number, order: Order, units: number): string[] {
  const shelves: [number, number][] = [];
  for (let sku = 1; sku <= skus; sku += 1)
    for (let location = 1; location <= LOCATIONS; location += 1) shelves.push([location, sku]);
  if (order === 'by location') shelves.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  // A fixed shuffle: every run has the same file.
  if (order === 'in no order')
    shelves.sort(
      (a, b) => ((a[0] * 7_919 + a[1] * 104_729) % 9_973) - ((b[0] * 7_919 + b[1] * 104_729) % 9_973),
    );
  return shelves.map(([location, sku]) => `loc-${location},S-${sku},${units}`);
}

async function main(): Promise<void> {
  const lines = Number(process.argv[2] ?? 200_000);
  const skus = Math.ceil(lines / LOCATIONS);
  const folder = mkdtempSync(join(tmpdir(), 'comptoir-bench-'));
  const server = await startEmbedded({ dataDir: join(folder, 'data') });
  try {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await migrate(client);
    await client.query(WORLD);
    await client.query(SKUS, [skus]);
    await client.end();
    process.stdout.write(
      `${cpus().length} cores, PostgreSQL in the same machine, fsync on; ${skus * LOCATIONS} lines\n`,
    );
    const orders: Order[] = ['by location', 'by SKU', 'in no order', 'by location', 'by SKU'];
    for (const [i, order] of orders.entries()) {
      const path = join(folder, `counts-${i}.csv`);
      writeFileSync(path, `location,sku,quantity\n${linesOf(skus, order, 20 + i).join('\n')}\n`);
      const began = performance.now();
      const { status, stderr } = spawnSync(
        process.execPath,
        [...TYPESCRIPT, 'src/cli/import.ts', 'counts', path],
        {
          env: {
            ...process.env,
            DATABASE_URL: server.url,
            SECRET_KEY: 'a long random text of the benches, 42 byte',
          },
          encoding: 'utf8',
        },
      );
      if (status !== 0) throw new Error(stderr);
      const seconds = (performance.now() - began) / 1_000;
      const what = `${order}${i === 0 ? ', first stock' : ', all corrected'}`;
      const rate = Math.round((skus * LOCATIONS) / seconds).toLocaleString('en');
      process.stdout.write(
        `${what.padEnd(30)} ${seconds.toFixed(1).padStart(7)} s  ${rate.padStart(9)} lines a second\n`,
      );
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
