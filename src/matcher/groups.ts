// Records in groups, with what people have decided: records that belong together, and records that must stay apart.

/** Decisions about pairs of records, by their numbers. */
export interface PairDecisions {
  together: readonly (readonly [number, number])[];
  apart: readonly (readonly [number, number])[];
}

/** A group is named by the lowest number of its records. */
export class Groups {
  readonly groupOf: Int32Array;
  /** By name of the group; null where there is no group of that name. */
  readonly members: (number[] | null)[];
  readonly #apart = new Map<number, number[]>();

  constructor(n: number, { together, apart }: PairDecisions) {
    this.groupOf = Int32Array.from({ length: n }, (_, i) => i);
    this.members = Array.from({ length: n }, (_, i) => [i]);
    for (const [i, j] of apart) {
      for (const [one, other] of [
        [i, j],
        [j, i],
      ] as const) {
        const list = this.#apart.get(one);
        if (list) list.push(other);
        else this.#apart.set(one, [other]);
      }
    }
    for (const [i, j] of together) this.merge(this.groupOf[i]!, this.groupOf[j]!);
  }

  /** Whether somebody has decided that a record of one is not the person of the other. */
  mustStayApart(a: number, b: number): boolean {
    if (this.#apart.size === 0) return false;
    for (const i of this.members[a]!)
      for (const j of this.#apart.get(i) ?? []) if (this.groupOf[j] === b) return true;
    return false;
  }

  /** Puts the records of one group into the other. @returns the name of the group that is left */
  merge(a: number, b: number): number {
    if (a === b) return a;
    const [into, from] = a < b ? [a, b] : [b, a];
    for (const i of this.members[from]!) {
      this.groupOf[i] = into;
      this.members[into]!.push(i);
    }
    this.members[from] = null;
    return into;
  }

  /** The records of each group. */
  lists(): number[][] {
    return this.members.filter((list): list is number[] => list !== null);
  }
}
