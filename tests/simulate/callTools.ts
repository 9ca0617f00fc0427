// What a call of the program is made of: whose it is, and the model's numbers as the database calls them.

import type { CommandRequest } from '../../src/access/actions/execute';
import type { Caller } from '../../src/access/rules/roles';
import type { Db } from '../../src/db/pool';
import type { Op } from './ops';
import type { SimulatedState } from './state';

/** Whose acts these are, and what the model's numbers are called in the database. */
export interface Names {
  /** Goes before all codes of this history. */
  tag: string;
  places: { id: number; code: string }[];
  skus: { id: number; code: string }[];
  owners: Caller[];
  staff: Caller;
  planner: Caller;
  supplier: string;
  /** Before anything of this history happened. */
  soldAt: Date;
}

export type Call = { who: Caller; run: (ask: <I>(input: I) => CommandRequest<I>) => Promise<unknown> };

/** What every call is made of: the model's numbers as the database calls them. */
export function toolsOf(names: Names, state: SimulatedState, db: Db) {
  const sku = (i: number) => ({ skuId: names.skus[i]!.id, sku: names.skus[i]!.code });
  return {
    names,
    state,
    db,
    sku,
    article: (i: number) => ({ id: names.skus[i]!.id, code: names.skus[i]!.code }),
    at: (i: number) => ({ locationId: names.places[i]!.id, locationCode: names.places[i]!.code }),
    units: (lines: readonly { sku: number; units: number }[]) =>
      lines.map((l) => ({ ...sku(l.sku), quantity: l.units })),
  };
}
export type Tools = ReturnType<typeof toolsOf>;
export type Of<A extends Op['act']> = Extract<Op, { act: A }>;
