// The cost budget of one request: points charged so far, and its concurrent use of the database.

import type { FieldNode } from 'graphql';
import { CostGate } from './gate';

/** Root fields, loaders and nested reads of one request that are under way at once, of each kind. */
const AT_ONCE = 3;

/** The estimate for a list: its elements, and the points of each. */
export interface Weighed {
  size: number;
  each: number;
}

export class Budget {
  /** The estimate at first; then corrected by what lists really have. */
  spent = 0;
  /** By list field of the document. */
  lists: ReadonlyMap<FieldNode, Weighed> = new Map();
  readonly roots = new CostGate(AT_ONCE);
  readonly loaders = new CostGate(AT_ONCE);
  readonly nested = new CostGate(AT_ONCE);
  #estimate = 0;

  constructor(readonly limit: number) {}

  get isOver(): boolean {
    return this.spent > this.limit;
  }

  /** Charges the estimate, before anything is executed. */
  open(estimate: number, lists: ReadonlyMap<FieldNode, Weighed>): void {
    this.#estimate = estimate;
    this.spent = estimate;
    this.lists = lists;
  }

  /** The same for the next event of a stream. */
  again(): Budget {
    const next = new Budget(this.limit);
    next.open(this.#estimate, this.lists);
    return next;
  }
}
