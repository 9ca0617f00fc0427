// Counts levels of agreement and makes shares of them.

import { ALIAS, type Comparison, IN_LOCALITY, LEVELS, POST } from './agreement';
import type { Aliases } from './model';
import { aliasKey } from './model';

/** Levels whose chances sum to 1: a postcode has a second set of them, for pairs whose localities agree. */
function segmentsOf(attribute: number): readonly (readonly [from: number, to: number])[] {
  if (attribute !== POST) return [[1, LEVELS]];
  return [
    [1, IN_LOCALITY + 1],
    [IN_LOCALITY + 1, 2 * IN_LOCALITY + 1],
  ];
}

/** Shares of the levels of each attribute; `pseudo` are counts that are added to those seen. */
export function shareLevels(counts: Float64Array, pseudo: Float64Array): Float64Array {
  const shares = new Float64Array(counts.length);
  for (let attribute = 0; attribute * LEVELS < counts.length; attribute++) {
    for (const [from, to] of segmentsOf(attribute)) {
      const [begin, end] = [attribute * LEVELS + from, attribute * LEVELS + to];
      let sum = 0;
      for (let k = begin; k < end; k++) sum += counts[k]! + pseudo[k]!;
      for (let k = begin; k < end; k++) shares[k] = Math.max((counts[k]! + pseudo[k]!) / sum, 1e-9);
    }
  }
  return shares;
}

/** The level of an attribute, or that its values are known aliases. */
export function levelOf(
  { level, left, right }: Comparison,
  attribute: number,
  aliases: readonly (Aliases | null)[],
): number {
  const known = aliases[attribute];
  if (!known || level[attribute] === 0 || left[attribute] === right[attribute]) return level[attribute]!;
  return known.has(aliasKey(left[attribute]!, right[attribute]!)) ? ALIAS : level[attribute]!;
}

// What is generally true of how people's data are written down, before any are seen: counts for as much as twenty pairs.
const USUAL: readonly (readonly number[])[] = [
  [0.1, 0.05, 0.02, 0.05, 0.05, 0.1, 0.63],
  [0.08, 0.04, 0.01, 0.01, 0.03, 0.1, 0.73],
  [0.3, 0.02, 0.1, 0.05, 0.05, 0.08, 0.4],
  [0.05, 0.05, 0.05, 0.05, 0.2, 0.6],
  [0.15, 0.05, 0.05, 0.15, 0.6, 0.15, 0.05, 0.05, 0.15, 0.6],
];
const USUAL_OTHER = [0.2, 0.1, 0.7];

/** m before any data: chances of levels between two records of one person. */
export function usualLevels(attributes: number): Float64Array {
  const m = new Float64Array(attributes * LEVELS);
  for (let attribute = 0; attribute < attributes; attribute++)
    m.set(USUAL[attribute] ?? USUAL_OTHER, attribute * LEVELS + 1);
  return m;
}
