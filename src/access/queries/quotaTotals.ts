// Totals of each storefront over all its holders: read from the database from time to time, plus what this process granted since.

import type { Db } from '../../db/pool';
import { oncePer } from '../../values/oncePer';
import type { Holding, StorefrontQuotas } from '../rules/quotas';

/*
 * The problem: a storefront's total must be known at every reservation, and thousands of shoppers reserve through one
 * storefront at a time. A row that counts it would be locked by each of them in turn until its commit, and could not know
 * of reservations whose time has passed. Counting them again for every batch reads all of them every time.
 *
 * So each process counts now and then, by the index of ACTIVE reservations, and adds what it granted itself since. Between
 * two counts it may grant a share of what was left at the last: a half, divided by the processes of the machine. So the
 * processes of one machine never pass a limit together, and those of several machines pass it by less than what was
 * left at their last counts, for as long as a count lasts. The nearer the limit, the sooner it is counted again. What is
 * under way while it is counted may be counted twice until the next count: a storefront is refused a little early then,
 * never late.
 */

interface Grant extends Holding {
  /** When its transaction was over, by `performance.now()`; null: it is under way. */
  settledAt: number | null;
}

/** How long a count is good (milliseconds), by the share of the limit that it left. */
const GOOD_FOR: readonly (readonly [left: number, ms: number])[] = [
  [0.5, 30_000],
  [0.1, 5_000],
  [Number.NEGATIVE_INFINITY, 1_000],
];
/** Counts are at least so far apart, however little is left. */
const LEAST_MS = 100;

const NOTHING: Holding = { units: 0, documents: 0 };
const plus = (a: Holding, b: Holding): Holding => ({
  units: a.units + b.units,
  documents: a.documents + b.documents,
});

/** The quotas of a request. They are not part of its input: a retry is the same request even when they have changed. */
export interface BindingQuotas {
  limits: StorefrontQuotas;
  /** Maximum units of a line that is granted in part: more would reveal how many there are. */
  mostInPart: number;
  /** Processes on this machine that grant to the same storefronts. */
  processes: number;
  /** What the storefront has of what is requested. */
  totals?: ActorTotals;
}

/** `$1`: the present time. Gives `actorId`, `units` and `documents` of each actor that has any. */
type CountSql = string;

/** The totals of all storefronts in one database, as one process knows them. */
export class ActorTotals {
  #counted = new Map<number, Holding>();
  /** When the count began, by `performance.now()` and by the program's clock. */
  #countedAt = Number.NEGATIVE_INFINITY;
  #countedFor = Number.NEGATIVE_INFINITY;
  #counting: Promise<void> | null = null;
  readonly #grants = new Map<number, { sum: Holding; byKey: Map<string, Grant> }>();

  constructor(
    private readonly db: Db,
    private readonly count: CountSql,
  ) {}

  /** What this storefront has, with what was granted to it since the count, whether that is committed yet or not. */
  present(actorId: number): Holding {
    return plus(this.#counted.get(actorId) ?? NOTHING, this.#grants.get(actorId)?.sum ?? NOTHING);
  }

  /** Remembers what a request is granted, by its idempotency key: a transaction that runs again grants it once. */
  grant(actorId: number, key: string, holding: Holding): void {
    this.drop(actorId, key);
    let grants = this.#grants.get(actorId);
    if (grants === undefined) {
      grants = { sum: NOTHING, byKey: new Map() };
      this.#grants.set(actorId, grants);
    }
    grants.byKey.set(key, { ...holding, settledAt: null });
    grants.sum = plus(grants.sum, holding);
  }

  /** Removes what a request was granted: it is decided again, or it failed. */
  drop(actorId: number, key: string): void {
    const grants = this.#grants.get(actorId);
    const grant = grants?.byKey.get(key);
    if (grants === undefined || grant === undefined) return;
    grants.byKey.delete(key);
    grants.sum = plus(grants.sum, { units: -grant.units, documents: -grant.documents });
  }

  /** The request's transaction is over: the next count has it. */
  settle(actorId: number, key: string): void {
    const grant = this.#grants.get(actorId)?.byKey.get(key);
    if (grant !== undefined) grant.settledAt = performance.now();
  }

  /** Sees to it that the count is good enough for a request of this storefront; call it before the request is decided. */
  async refresh(actorId: number, limits: Holding, processes: number, now: Date): Promise<void> {
    const counted = this.#counted.get(actorId) ?? NOTHING;
    const granted = this.#grants.get(actorId)?.sum ?? NOTHING;
    const present = plus(counted, granted);
    const left = Math.min(
      (limits.units - present.units) / limits.units,
      (limits.documents - present.documents) / limits.documents,
    );
    const goodFor = GOOD_FOR.find(([least]) => left > least)![1];
    const age = performance.now() - this.#countedAt;
    const aged = Math.max(age, Math.abs(now.getTime() - this.#countedFor));
    const share = 0.5 / processes;
    const spent =
      granted.units > (limits.units - counted.units) * share ||
      granted.documents > (limits.documents - counted.documents) * share;
    if (aged > 2 * goodFor || (spent && age > LEAST_MS)) await this.#recount(now);
    // Not awaited: its result is for later requests.
    else if (aged > goodFor) this.#recount(now).catch(() => {});
  }

  #recount(now: Date): Promise<void> {
    this.#counting ??= this.#read(now).finally(() => {
      this.#counting = null;
    });
    return this.#counting;
  }

  async #read(now: Date): Promise<void> {
    const began = performance.now();
    const rows = await this.db.rows<Holding & { actorId: number }>(this.count, [now]);
    this.#counted = new Map(rows.map(({ actorId, units, documents }) => [actorId, { units, documents }]));
    this.#countedAt = began;
    this.#countedFor = now.getTime();
    for (const [actorId, { byKey }] of this.#grants) {
      for (const [key, { settledAt }] of byKey) {
        if (settledAt !== null && settledAt < began) this.drop(actorId, key);
      }
      if (byKey.size === 0) this.#grants.delete(actorId);
    }
  }
}

/** Creates the lookup of a database's totals; each process has one per database. */
export function totalsBy(count: CountSql): (db: Db) => ActorTotals {
  return oncePer((db) => new ActorTotals(db, count));
}

/** A request as far as its storefront's totals are concerned. */
interface Bound {
  actor: { actorId: number };
  idempotencyKey: string;
  now: Date;
  quotas?: BindingQuotas;
}

/** Runs a request with the totals of its storefront at hand, and remembers what it was granted when it is done. */
export async function withTotals<R extends Bound, O>(
  totals: ActorTotals,
  request: R,
  limitsOf: (limits: StorefrontQuotas) => Holding,
  run: (request: R) => Promise<O>,
): Promise<O> {
  const { quotas, actor, idempotencyKey: key, now } = request;
  if (quotas === undefined) return run(request);
  await totals.refresh(actor.actorId, limitsOf(quotas.limits), quotas.processes, now);
  try {
    const answer = await run({ ...request, quotas: { ...quotas, totals } });
    totals.settle(actor.actorId, key);
    return answer;
  } catch (error) {
    totals.drop(actor.actorId, key);
    throw error;
  }
}
