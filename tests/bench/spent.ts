// Processor time that processes have spent, as Linux counts it: it stays true on a machine that others use as well.

import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second (USER_HZ), on every machine. */
const TICK_MS = 10;

interface Stat {
  pid: number;
  parent: number;
  /** Of itself and of its children that have ended. */
  ms: number;
}

function statOf(pid: number): Stat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // ended meanwhile, or no Linux
  }
  // The name in brackets may have blanks and brackets of its own; what follows the last one is numbers.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0);
  return { pid, parent: Number(fields[1]), ms: ticks * TICK_MS };
}

/** The parent of this process; null when it cannot be determined. */
export function parentOf(pid: number): number | null {
  return statOf(pid)?.parent ?? null;
}

/** Milliseconds of processor time of a process and all below it; null where there is no /proc. */
export function spentMs(root: number): number | null {
  const first = statOf(root);
  if (first === null) return null;
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const family = new Map([[root, first]]);
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const stat of all) if (family.has(stat.parent)) family.set(stat.pid, stat);
  }
  return [...family.values()].reduce((sum, { ms }) => sum + ms, 0);
}
