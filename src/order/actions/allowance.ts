// Allowances that all processes share: looked at before something that may go wrong is tried, and spent when it did.

import type { Tx } from '../../db/pool';
import type { Allowance } from '../rules/limits';

/** Nothing is left of an allowance for now. Not a Refused: it is not remembered, so that the same key may try again later. */
export class AllowanceSpent extends Error {
  constructor(
    readonly allowance: Allowance,
    readonly retryAfterSeconds: number,
  ) {
    super(`The allowance ${allowance.name} is spent for ${retryAfterSeconds} s`);
  }
}

const TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('comptoir allowance ' || $1), hashtext($2))";

const LOOK = `
  SELECT spent, until FROM spent_allowance WHERE allowance = $1 AND holder = $2 AND until > $3`;

const SPEND = `
  INSERT INTO spent_allowance AS s (allowance, holder, spent, until) VALUES ($1, $2, 1, $4)
  ON CONFLICT (allowance, holder) DO UPDATE SET
    spent = CASE WHEN s.until > $3 THEN s.spent + 1 ELSE 1 END,
    until = CASE WHEN s.until > $3 THEN s.until ELSE EXCLUDED.until END`;

// A few that are past their time, so that the table holds little more than what counts. By whom none waits: one's own
// row is locked before, and those that others have locked are theirs.
const SWEEP = `
  DELETE FROM spent_allowance WHERE (allowance, holder) IN (
    SELECT allowance, holder FROM spent_allowance WHERE until <= $1 ORDER BY until LIMIT 10 FOR UPDATE SKIP LOCKED)`;

/**
 * Lets a holder's tries take turns until the end of the transaction, so that tries sent at once are not more than tries
 * sent one after the other; call it before anything else is locked.
 */
export async function takeTurns(tx: Tx, { name }: Allowance, holder: string): Promise<void> {
  await tx.rows(TAKE_TURNS, [name, holder]);
}

/** Makes sure that something is left; call it when tries take turns. @throws AllowanceSpent */
export async function checkAllowance(tx: Tx, allowance: Allowance, holder: string, now: Date): Promise<void> {
  const [row] = await tx.rows<{ spent: number; until: Date }>(LOOK, [allowance.name, holder, now]);
  if (row === undefined || row.spent < allowance.most) return;
  throw new AllowanceSpent(allowance, Math.max(1, Math.ceil((row.until.getTime() - now.getTime()) / 1_000)));
}

/** Spends one of an allowance; the first begins its time. */
export async function spend(tx: Tx, allowance: Allowance, holder: string, now: Date): Promise<void> {
  const until = new Date(now.getTime() + allowance.windowSeconds * 1_000);
  await tx.rows(SPEND, [allowance.name, holder, now, until]);
  await tx.rows(SWEEP, [now]);
}
