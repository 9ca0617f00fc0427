// The two chains of npm run bench:growth, each on a server of its own, loaded or kept from an earlier run.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbedded } from '../../src/db/embedded/embedded';
import { type Db, openDb } from '../../src/db/pool';
import { sealLedger } from '../../src/stock/actions/seal';
import { temporaryFolder } from '../support/leftovers';
import type { GrowthSize } from './growthLife';
import { loadGrowth } from './growthWorld';

export type WorldName = 'small' | 'big';
const POOL = 4;

interface Loaded {
  size: GrowthSize;
  loadMs: number;
}
export interface World extends Loaded {
  name: WorldName;
  url: string;
  db: Db;
  /** Moves that were sealed before anything was measured, and how long that took. */
  sealed: { moves: number; ms: number };
  /** Stops its server; a world that is not kept goes. */
  close(): Promise<void>;
}

/** Opens a world on a server of its own: one that was kept, or a new one, which is loaded without fsync first. */
export async function openWorld(
  name: WorldName,
  size: GrowthSize,
  { keep, audit, progress }: { keep: string | null; audit: boolean; progress: (line: string) => void },
): Promise<World> {
  const folder = keep === null ? temporaryFolder() : join(keep, name);
  const marker = keep === null ? null : join(keep, `${name}.json`);
  let loaded: Loaded | null = null;
  if (marker !== null && existsSync(marker)) {
    loaded = JSON.parse(readFileSync(marker, 'utf8')) as Loaded;
    if (JSON.stringify(loaded.size) !== JSON.stringify(size))
      throw new Error(`${marker} is of another size (${JSON.stringify(loaded.size)}): name another folder.`);
  } else {
    if (existsSync(join(folder, 'pgdata'))) rmSync(folder, { recursive: true });
    mkdirSync(folder, { recursive: true });
    progress(`Loading the ${name} chain: ${JSON.stringify(size)}`);
    const loading = await startEmbedded({ dataDir: folder, fsync: false });
    try {
      const begun = performance.now();
      await loadGrowth(loading.url, size, progress);
      loaded = { size, loadMs: performance.now() - begun };
    } finally {
      await loading.stop();
    }
    if (marker !== null) writeFileSync(marker, JSON.stringify(loaded));
  }
  const server = await startEmbedded({ dataDir: folder });
  const db = openDb(server.url, POOL);
  progress(`The ${name} chain is there${audit ? '; sealing what is not sealed yet' : ''}.`);
  const begun = performance.now();
  const { moves } = audit ? await sealLedger(db, new Date()) : { moves: 0 };
  const sealed = { moves, ms: performance.now() - begun };
  return {
    ...loaded,
    ...{ name, db, url: server.url, sealed },
    async close() {
      await db.close();
      await server.stop();
      if (keep === null) rmSync(folder, { recursive: true, force: true });
    },
  };
}
