// Where the program's processor time went: sums up what node --cpu-prof wrote, by function and by package.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '../..');
const SHOWN = 25;

interface Node {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

interface Profile {
  nodes: Node[];
  /** Microseconds of the clock that process.hrtime reads, too. */
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

/** A file of the project as it is called there, one of a package by the package, the rest as node calls it. */
function sourceOf(url: string): { file: string; owner: string } {
  if (url === '') return { file: '', owner: '(node and the engine)' };
  const file = url.startsWith('file://') ? relative(ROOT, url.slice('file://'.length)) : relative(ROOT, url);
  const found = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
  if (found !== undefined) return { file: file.replace(/.*node_modules\//, ''), owner: found };
  if (url.startsWith('node:')) return { file: url, owner: '(node and the engine)' };
  return { file, owner: file.split('/').slice(0, 2).join('/') };
}

function frameOf({ callFrame: { functionName, url, lineNumber } }: Node): { name: string; owner: string } {
  const { file, owner } = sourceOf(url);
  return {
    name: `${functionName || '(anonymous)'}  ${file === '' ? '' : `${file}:${lineNumber + 1}`}`,
    owner,
  };
}

/** Microseconds of each node's own, from `since` on, without those in which the program was idle. */
function ownTimes({ nodes, startTime, samples, timeDeltas }: Profile, since: bigint): Map<number, number> {
  const idle = new Set(nodes.filter((n) => n.callFrame.functionName === '(idle)').map((n) => n.id));
  const own = new Map<number, number>();
  let at = startTime - Number(since / 1_000n);
  samples.forEach((id, i) => {
    at += timeDeltas[i]!;
    if (at >= 0 && !idle.has(id)) own.set(id, (own.get(id) ?? 0) + timeDeltas[i]!);
  });
  return own;
}

const add = (sums: Map<string, number>, name: string, us: number): void => {
  sums.set(name, (sums.get(name) ?? 0) + us);
};

/** Sums of own times, and of times with all that was called from there (once, however deep a function calls itself). */
class Sums {
  readonly byFunction = new Map<string, number>();
  readonly byPackage = new Map<string, number>();
  readonly withCalled = new Map<string, number>();
  readonly #nodes: Map<number, Node>;

  constructor(
    nodes: readonly Node[],
    readonly own: ReadonlyMap<number, number>,
  ) {
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    this.#walk(nodes[0]!, new Set());
  }

  #walk(node: Node, above: ReadonlySet<string>): number {
    const { name, owner } = frameOf(node);
    const own = this.own.get(node.id) ?? 0;
    add(this.byFunction, name, own);
    add(this.byPackage, owner, own);
    const inside = above.has(name) ? above : new Set(above).add(name);
    let whole = own;
    for (const id of node.children ?? []) whole += this.#walk(this.#nodes.get(id)!, inside);
    if (!above.has(name)) add(this.withCalled, name, whole);
    return whole;
  }
}

function shareLines(sums: ReadonlyMap<string, number>, whole: number): string[] {
  return [...sums]
    .sort((a, b) => b[1] - a[1])
    .slice(0, SHOWN)
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
  const [file] = readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).size - statSync(a).size);
  if (file === undefined) return 'The program wrote no profile.';
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  const own = ownTimes(profile, since);
  const whole = [...own.values()].reduce((sum, us) => sum + us, 0);
  const sums = new Sums(profile.nodes, own);
  return [
    `${(whole / 1e6).toFixed(1)} s of processor time in ${file}; functions by their own:`,
    ...shareLines(sums.byFunction, whole),
    'functions with all that they call (what they wait for is called from elsewhere):',
    ...shareLines(sums.withCalled, whole),
    'packages by their own:',
    ...shareLines(sums.byPackage, whole),
  ].join('\n');
}
