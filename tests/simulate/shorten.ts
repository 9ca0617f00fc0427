// Makes a history that fails shorter: steps, faults and clients are left out for as long as it still fails.

import type { DrawnFault } from './steps';

/** A history and how it fails. */
export interface Failing {
  told: readonly DrawnFault[];
  error: string;
}

/** Shorter histories to try: halves first, then quarters, down to single steps. */
function* withoutSteps(told: readonly DrawnFault[]): Generator<readonly DrawnFault[]> {
  for (let size = Math.ceil(told.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = told.length - size; at > -size; at -= size)
      yield [...told.slice(0, Math.max(0, at)), ...told.slice(Math.max(0, at) + size + Math.min(0, at))];
}

/** Simpler ones of the same length: no fault, fewer clients at once, one line instead of several. */
function* simpler(told: readonly DrawnFault[]): Generator<readonly DrawnFault[]> {
  const put = (i: number, one: DrawnFault): DrawnFault[] => told.map((t, at) => (at === i ? one : t));
  for (const [i, one] of told.entries()) {
    const { step, fault } = one;
    if (fault !== null) yield put(i, { step, fault: null });
    if (step.do === 'act' && 'lines' in step.ask && step.ask.lines.length > 1) {
      for (const at of step.ask.lines.keys()) {
        const lines = [...(step.ask.lines as unknown[])].filter((_, k) => k !== at);
        yield put(i, { fault, step: { ...step, ask: { ...step.ask, lines } } as DrawnFault['step'] });
      }
    }
    if (step.do !== 'crowd') continue;
    const { clients } = step;
    for (const at of clients.keys()) {
      if (clients.length > 1)
        yield put(i, { fault, step: { ...step, clients: clients.filter((_, k) => k !== at) } });
      const { to, ask } = clients[at]!;
      if (to.length === 1) continue;
      const once = clients.map((c, k) => (k === at ? { ask, to: to.slice(0, 1) } : c));
      yield put(i, { fault, step: { ...step, clients: once } });
    }
  }
}

/** Tries shorter ones until none fails any more; `fails` states how one fails, or null (also when time is up). */
export async function shorten(
  first: Failing,
  fails: (told: readonly DrawnFault[]) => Promise<string | null>,
): Promise<Failing> {
  let found = first;
  for (let better = true; better; ) {
    better = false;
    for (const ways of [withoutSteps, simpler]) {
      for (let again = true; again; ) {
        again = false;
        for (const told of ways(found.told)) {
          if (told.length === 0) continue;
          const error = await fails(told);
          if (error === null) continue;
          found = { told, error };
          again = better = true;
          break;
        }
      }
    }
  }
  return found;
}
