// Writes the Prisma client and the Pothos types into src/db/generated, unless they already fit the model.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const require = createRequire(import.meta.url);
const generated = join(root, 'src/db/generated');
const stamp = join(generated, 'made-from');
const products = [join(generated, 'client/client.ts'), join(generated, 'pothos.ts')];

/** What the products depend on: the model, this file, and the versions of the two generators. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of [join(here, 'schema.prisma'), fileURLToPath(import.meta.url)]) {
    hash.update(readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
  }
  for (const name of ['prisma', '@pothos/plugin-prisma']) {
    hash.update(JSON.parse(readFileSync(join(packageFolder(name), 'package.json'), 'utf8')).version);
  }
  return hash.digest('hex');
}

/** Not every package lets its package.json be resolved, so the folder is looked for where Node would look. */
function packageFolder(name) {
  const found = require.resolve
    .paths(name)
    ?.map((folder) => join(folder, name))
    .find(existsSync);
  if (!found) throw new Error(`the package ${name} is not installed: run npm ci`);
  return found;
}

function generate() {
  const cli = join(packageFolder('prisma'), 'build/index.js');
  const words = [cli, 'generate', '--config', join(here, 'prisma.config.ts'), '--no-hints'];
  return spawnSync(process.execPath, words, {
    cwd: root,
    encoding: 'utf8',
    env: {
      // Pothos' generator is found as a program.
      ...process.env,
      PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(
        process.platform === 'win32' ? ';' : ':',
      ),
      // `generate` never runs the schema engine, but without this it downloads one first, which a closed network
      // does not allow. Any program that exists will do.
      PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? process.execPath,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  });
}

const wanted = fingerprint();
const upToDate =
  products.every((file) => existsSync(file)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
if (!upToDate) {
  rmSync(stamp, { force: true });
  const { status, stdout, stderr, error } = generate();
  if (status !== 0) {
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n`);
    process.stderr.write(
      'The Prisma client was not generated (see above): mend prisma/schema.prisma, then run npm ci.\n',
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}
