// Runs long work in slices, one per turn of the event loop, so that other requests are answered in between.

/** Points of one turn: some 15 ms, whichever requests the work belongs to. */
export const SLICE = 25_000;

interface QueuedTurn {
  points: number;
  start: () => void;
}

let used = 0;
let scheduled = false;
const waiting: QueuedTurn[] = [];

function nextTurn(): void {
  used = 0;
  while (waiting.length > 0 && (used === 0 || used + waiting[0]!.points <= SLICE)) {
    const { points, start } = waiting.shift()!;
    used += points;
    start();
  }
  scheduled = used > 0;
  if (scheduled) setImmediate(nextTurn);
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(nextTurn);
}

/** Whether work of so many points may be done in this turn of the event loop; it is counted when it may. */
function fits(points: number): boolean {
  if (waiting.length > 0 || (used > 0 && used + points > SLICE)) return false;
  used += points;
  schedule();
  return true;
}

/** Resolves when work of so many points may be done: in this turn or a later one. */
export function turn(points: number): Promise<void> {
  if (fits(points)) return Promise.resolve();
  return new Promise((start) => {
    waiting.push({ points, start });
    schedule();
  });
}

type Slices<T> = readonly (T | Promise<T>)[];

/** Why the rest of a list is not wanted any more; null: it is. */
type StopReason = () => Error | null;

/** A list whose elements after the first slice are promises of later turns. */
function cut<T>(items: readonly T[], each: number, stopReason: StopReason): Slices<T> {
  const length = Math.max(1, Math.floor(SLICE / each));
  if (items.length <= length) return items;
  let ready: Promise<void> | null = null;
  return items.map((item, i) => {
    if (i > 0 && i % length === 0) {
      const points = each * Math.min(length, items.length - i);
      // One after the other, so that long lists of several requests take turns.
      ready = ready === null ? turn(points) : ready.then(() => turn(points));
    }
    if (ready === null) return item;
    return ready.then(() => {
      const reason = stopReason();
      if (reason !== null) throw reason;
      return item;
    });
  });
}

/**
 * The list for processing: itself while this turn of the event loop has capacity for it, else a promise of it, in
 * slices if it is long. `each`: points of one element. With a reason to stop the list is empty: an error thrown here, at
 * once, would leave rejected promises of other elements without a handler.
 */
export function inSlices<T>(
  items: readonly T[],
  each: number,
  stopReason: StopReason,
): Slices<T> | Promise<Slices<T>> {
  if (stopReason() !== null) return [];
  const first = Math.min(items.length * each, SLICE);
  if (fits(first)) return cut(items, each, stopReason);
  return turn(first).then(() => (stopReason() === null ? cut(items, each, stopReason) : []));
}

/** `items.map(change)` in slices; `points`: of one element. */
export async function mapInTurns<T, R>(
  items: readonly T[],
  points: number,
  change: (item: T, i: number) => R,
): Promise<R[]> {
  const results: R[] = [];
  for (const [i, item] of items.entries()) {
    if (!fits(points)) await turn(points);
    results.push(change(item, i));
  }
  return results;
}
