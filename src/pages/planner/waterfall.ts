// The terms of a quantity as steps that begin where the one before ended, and the sales of weeks as a line. Pure.

export interface WaterfallStep<Kind> {
  kind: Kind;
  units: number;
  /** Sum of the terms up to and with this one. */
  sum: number;
  /** Ends of the bar, as shares of the width. */
  from: number;
  to: number;
}

/** The steps of these terms, scaled so that all of them fit between 0 and 1; and where zero is. */
export function waterfallOf<Kind>(terms: readonly { kind: Kind; units: number }[]): {
  steps: WaterfallStep<Kind>[];
  zero: number;
  total: number;
} {
  const sums: number[] = [];
  for (const { units } of terms) sums.push((sums.at(-1) ?? 0) + units);
  const low = Math.min(0, ...sums);
  const width = Math.max(1e-9, Math.max(0, ...sums) - low);
  const share = (units: number): number => (units - low) / width;
  const steps = terms.map(({ kind, units }, i) => ({
    kind,
    units,
    sum: sums[i]!,
    from: share(Math.min(sums[i]!, sums[i]! - units)),
    to: share(Math.max(sums[i]!, sums[i]! - units)),
  }));
  return { steps, zero: share(0), total: sums.at(-1) ?? 0 };
}

/** The points of a line through values, in a box of this size. */
export function linePoints(values: readonly number[], width: number, height: number): string {
  const most = Math.max(1, ...values);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values
    .map(
      (value, i) => `${(i * step).toFixed(1)},${(height - (Math.max(0, value) / most) * height).toFixed(1)}`,
    )
    .join(' ');
}
