// One run of the matcher over the records of people: read without a lock, compute, write in batches.

import type { Db } from '../../../db/pool';
import { type MatchBounds, readMatchState } from '../../queries/matchRecords';
import { type MatchThresholds, planLinks } from '../../rules/matching';
import { writePlan } from './write';

/** What a run works with. */
export interface MatchRequest extends MatchBounds, MatchThresholds {
  dueAt: Date;
  now: Date;
}

/**
 * Joins and proposes by probability. Human decisions, rules and limits are checked again when a batch is written, so whatever happens
 * in between counts. Stopped at any point and run again, it ends with the same links.
 */
export async function matchRecords(db: Db, request: MatchRequest): Promise<Record<string, number>> {
  const { state, leftOut } = await readMatchState(db, request);
  const written = await writePlan(db, planLinks(state, request), request);
  return { records: state.records.length, leftOut, ...written };
}
