// The benchmark's own arithmetic and print, by hand-worked numbers; and that it runs on a made-up folder.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { made, ROOT, wide } from '../../forecastFile/files';
import { TYPESCRIPT } from '../../support/typescript';
import { openFolder } from './folder';
import { elsewhere, printed } from './print';
import { interpolated } from './stock';

const dir = mkdtempSync(path.join(tmpdir(), 'comptoir-bench-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('stock at a fill rate lies on the line between the two nearest points of a sweep', () => {
  const points = [
    { fill: 0.98, stock: 16 },
    { fill: 0.9, stock: 8 },
    { fill: 0.94, stock: 10 },
  ];
  expect(interpolated(points, 0.92)).toBeCloseTo(9, 10);
  expect(interpolated(points, 0.95)).toBeCloseTo(11.5, 10);
  expect(interpolated(points, 0.98)).toBeCloseTo(16, 10);
  expect(interpolated(points, 0.99)).toBeNull();
  expect(interpolated(points, 0.89)).toBeNull();
});

test('a table in Markdown: our row in bold, rows from elsewhere marked, gaps left empty', () => {
  const text = printed({
    title: 'T',
    head: ['method', 'a', 'b'],
    decimals: [2, 0],
    rows: [...elsewhere([['naive', 1.005]]), { name: 'ours', cells: [0.5, 12.4], ours: true }],
    notes: ['Said.'],
  });
  const lines = ['### T', '', '| method | a | b |', '|---|---|---|'];
  expect(text.split('\n')).toEqual([
    ...lines,
    '| naive ¹ | 1.00 |  |',
    '| **ours** | **0.50** | **12** |',
    '',
    'Said.',
    '',
  ]);
});

test('a folder that is not one of the sets is refused', () => {
  expect(() => openFolder(path.join(dir, 'absent'))).toThrow(/There is no folder/);
  expect(() => openFolder(dir)).toThrow(/none of the sets/);
});

test('a protocol runs on any folder of the same names, by the scorer that lies in it', async () => {
  writeFileSync(
    path.join(dir, 'carparts_mine.csv'),
    wide(made(5, 51, 3), (t) => `m_${t + 1}`),
  );
  expect(() => openFolder(dir)).toThrow(/no score\.mjs/);
  // Stands for the scorer of the data: it proves that it was given the half, a submission and the folder.
  writeFileSync(
    path.join(dir, 'score.mjs'),
    `import { readFileSync } from 'node:fs';
     export const simRS = (d, s, l) => ({ dem: d.length, ser: Math.min(d.length, s[0]), sto: s[0] * d.length });
     if (process.argv[1].endsWith('score.mjs')) {
       const [, , task, half, file, dir] = process.argv;
       const rows = readFileSync(file, 'utf8').trim().split('\\n').length - 1;
       if (task !== 'carparts' || half !== 'mine' || rows !== 5 * 3 * 6) process.exit(1);
       readFileSync(dir + '/carparts_mine.csv');
       console.log(JSON.stringify({ 33: { bias: 0.25 }, 39: { bias: 0.35 }, mean: { RMSSE: 0.5125, MASE: 0.75 } }));
     }`,
  );
  const args = [...TYPESCRIPT, 'tests/bench/forecast.ts', dir, '--only', 'D', '--threads', '1'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  expect(stdout).toContain("Half 'mine'");
  expect(stdout).toContain('| **Comptoir** | **0.5125** | **0.7500** | **0.300** |');
  expect(stdout).toContain('| naive ¹ | 0.6810 |  |  |');
});
