// Where the program's processor time went: sums up what node --cpu-prof wrote, by function and by package.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '../..');
const SHOWN = 25;

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  /** Microseconds of the clock that process.hrtime reads, too. */
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

/** A file of the project as it is called there, one of a package by the package, the rest as node calls it. */
function placeOf(url: string): { file: string; owner: string } {
  if (url === '') return { file: '', owner: '(node and the engine)' };
  const file = url.startsWith('file://') ? relative(ROOT, url.slice('file://'.length)) : relative(ROOT, url);
  const found = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
  if (found !== undefined) return { file: file.replace(/.*node_modules\//, ''), owner: found };
  if (url.startsWith('node:')) return { file: url, owner: '(node and the engine)' };
  return { file, owner: file.split('/').slice(0, 2).join('/') };
}

function shareLines(sums: ReadonlyMap<string, number>, whole: number, most: number): string[] {
  return [...sums]
    .sort((a, b) => b[1] - a[1])
    .slice(0, most)
    .map(([name, us]) => `${((100 * us) / whole).toFixed(1).padStart(6)} %  ${name}`);
}

/** Node's flags that make it write a profile into this folder as it ends. */
export function profileFlags(folder: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

/**
 * The functions and packages that took most of the time the program was not idle, from the largest profile in the
 * folder; what came before `since` (process.hrtime, in nanoseconds) was its start, and does not count.
 */
export function profileText(folder: string, since: bigint): string {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).size - statSync(a).size);
  if (files[0] === undefined) return 'The program wrote no profile.';
  const { nodes, startTime, samples, timeDeltas } = JSON.parse(readFileSync(files[0], 'utf8')) as Profile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFunction = new Map<string, number>();
  const byOwner = new Map<string, number>();
  let whole = 0;
  let at = startTime - Number(since / 1_000n);
  samples.forEach((id, i) => {
    const { functionName, url, lineNumber } = frames.get(id)!;
    const us = timeDeltas[i]!;
    at += us;
    if (functionName === '(idle)' || at < 0) return;
    const { file, owner } = placeOf(url);
    const name = `${functionName || '(anonymous)'}  ${file === '' ? '' : `${file}:${lineNumber + 1}`}`;
    byFunction.set(name, (byFunction.get(name) ?? 0) + us);
    byOwner.set(owner, (byOwner.get(owner) ?? 0) + us);
    whole += us;
  });
  return [
    `${(whole / 1e6).toFixed(1)} s of processor time in ${files[0]}, by function:`,
    ...shareLines(byFunction, whole, SHOWN),
    'by package:',
    ...shareLines(byOwner, whole, SHOWN),
  ].join('\n');
}
