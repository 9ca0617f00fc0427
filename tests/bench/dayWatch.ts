// How much memory the program's processes take: resident, and live after a collection; and whether that grows.

import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PROBE = join(__dirname, 'dayProbe.cjs');
const HEAP_WAIT_MS = 2_000;
const POLL_MS = 20;
const MB = 1_048_576;

/** The folder for exchange with `dayProbe.cjs`, and the settings that load it into the program. */
export interface Probe {
  folder: string;
  env: Record<string, string>;
  remove(): void;
}

export function newProbe(clock = false): Probe {
  const folder = mkdtempSync(join(tmpdir(), 'comptoir-bench-'));
  const env = {
    NODE_OPTIONS: `--require ${PROBE}`,
    BENCH_INSIDE: folder,
    ...(clock && { BENCH_CLOCK: '1' }),
  };
  return { folder, env, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Parents of all processes that can be seen. */
function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      found.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

/** A process, what it started, and what those started. */
export function family(pid: number): number[] {
  const all = parents();
  const found = [pid];
  for (const one of found) for (const [child, parent] of all) if (parent === one) found.push(child);
  return found;
}

/** The Node processes of a program, itself first. */
export function nodeProcesses(pid: number): number[] {
  return family(pid).filter((one) => {
    try {
      return basename(readlinkSync(`/proc/${one}/exe`)) === 'node';
    } catch {
      return false;
    }
  });
}

/** Resident memory of a process; 0 when it has ended. */
export function residentMb(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4_096) / MB;
  } catch {
    return 0;
  }
}

async function heapMb(pid: number, { folder }: Probe): Promise<number> {
  const file = join(folder, `${pid}.heap`);
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (let waited = 0; waited < HEAP_WAIT_MS; waited += POLL_MS) {
    await sleep(POLL_MS);
    try {
      return Number(readFileSync(file, 'utf8')) / MB;
    } catch {
      // Not yet.
    }
  }
  throw new Error(`process ${pid} did not tell its heap`);
}

interface Sample {
  seconds: number;
  residentMb: number;
  heapMb: number;
}

/** Growth of one measure over the time it was watched. */
export interface Growth {
  pid: number;
  what: 'resident' | 'live heap';
  firstMb: number;
  lastMb: number;
  /** By the line of least squares. */
  mbAMinute: number;
  flat: boolean;
}

/** Flat: by the line through its samples it grew by less than this share of its mean, or than so much. */
const FLAT = { resident: { share: 0.1, mb: 16 }, 'live heap': { share: 0.05, mb: 4 } };
export const FLAT_RULE =
  'flat: by least squares, resident memory grew by less than a tenth or 16 MB and the live heap (after a collection) by less than a twentieth or 4 MB over the time watched';

function growth(pid: number, what: Growth['what'], points: { seconds: number; mb: number }[]): Growth {
  const n = points.length;
  const mean = (of: (point: (typeof points)[number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / n;
  const [x, y] = [mean((p) => p.seconds), mean((p) => p.mb)];
  const spread = points.reduce((sum, p) => sum + (p.seconds - x) ** 2, 0);
  const slope = spread === 0 ? 0 : points.reduce((sum, p) => sum + (p.seconds - x) * (p.mb - y), 0) / spread;
  const grown = slope * (points.at(-1)!.seconds - points[0]!.seconds);
  const { share, mb } = FLAT[what];
  return {
    ...{ pid, what, firstMb: points[0]!.mb, lastMb: points.at(-1)!.mb, mbAMinute: slope * 60 },
    flat: grown < Math.max(share * y, mb),
  };
}

/** Samples a program's memory at intervals. */
export class Watch {
  private readonly samples = new Map<number, Sample[]>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private readonly begin = performance.now();

  constructor(
    private readonly pid: number,
    private readonly inside: Probe,
  ) {}

  start(everyMs: number): void {
    this.timer = setInterval(() => {
      this.looking = this.looking.then(() => this.look()).catch(() => {});
    }, everyMs);
  }

  async look(): Promise<void> {
    for (const pid of nodeProcesses(this.pid)) {
      const heap = await heapMb(pid, this.inside);
      const its = this.samples.get(pid) ?? [];
      its.push({
        seconds: (performance.now() - this.begin) / 1_000,
        residentMb: residentMb(pid),
        heapMb: heap,
      });
      this.samples.set(pid, its);
    }
  }

  /** Ends the looking; growth since `fromSeconds` after the start, of each process that was there all the time. */
  async stop(fromSeconds: number): Promise<Growth[]> {
    clearInterval(this.timer);
    await this.looking;
    const growths: Growth[] = [];
    for (const [pid, all] of this.samples) {
      const warm = all.filter((sample) => sample.seconds >= fromSeconds);
      if (warm.length < 2) continue;
      growths.push(
        growth(
          pid,
          'resident',
          warm.map((s) => ({ seconds: s.seconds, mb: s.residentMb })),
        ),
      );
      growths.push(
        growth(
          pid,
          'live heap',
          warm.map((s) => ({ seconds: s.seconds, mb: s.heapMb })),
        ),
      );
    }
    return growths;
  }
}
