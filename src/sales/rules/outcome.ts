// The result of a run in sentences, for the person who imports.

/** Results of accepted lines. accepted = changed + unchanged + merged; changed = created + corrected + replaced. */
export interface LineCounts {
  accepted: number;
  /** Stated for the first time. */
  created: number;
  /** Known by their number, with another content before. */
  corrected: number;
  /** Whole days, or entries of a list, that stand instead of what was there. */
  replaced: number;
  /** Added to, or the same as, another line of the file. */
  merged: number;
  unchanged: number;
  changed: number;
}

interface RunOutcome extends LineCounts {
  id: number;
  recordsRead: number;
  rejected: number;
  figures: Readonly<Record<string, number>>;
}

/** Lines that report what became of a file; `before`: it was imported before and nothing was done. */
export function outcomeOf({ run, before }: { run: RunOutcome; before: boolean }): string[] {
  const { id, recordsRead, accepted, created, corrected, replaced, unchanged, merged, rejected, figures } =
    run;
  if (before) {
    const again =
      rejected > 0 ? ` ${rejected} of its lines were rejected; --again tries them once more.` : '';
    return [`This file was imported before (run ${id}): nothing to do.${again}`];
  }
  const sums = [`${recordsRead} records`, `${accepted} accepted`, `${rejected} rejected`].join(', ');
  const counts = Object.entries({ new: created, unchanged, corrected, replaced, merged });
  const lines = [
    `Run ${id}: ${sums}; ${run.changed} changed something, ${unchanged} did not.`,
    `  ${counts.map(([what, n]) => `${n} ${what}`).join(', ')}`,
  ];
  const { repeatedNumbers = 0, erased = 0 } = figures;
  if (erased > 0)
    lines.push(
      `${erased} lines are about customers who were erased here; they were left out, as they stay erased.`,
    );
  if (repeatedNumbers > 0) {
    lines.push(
      `${repeatedNumbers} of the new lines have a receipt number that was used on another day, and were stored separately.  ` +
        'If the numbers of this feed never repeat and these are corrections, import with --numbers lasting.',
    );
  }
  return lines;
}
