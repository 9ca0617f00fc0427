// Allowances shared by all processes: checked before an attempt, and spent when it fails.

import type { Tx } from '../../db/pool';
import type { Allowance } from '../rules/limits';

/** An allowance is spent for now. Not a Refused, whose outcome is stored: the same idempotency key may be tried again later. */
export class AllowanceSpent extends Error {
  constructor(
    readonly allowance: Allowance,
    readonly retryAfterSeconds: number,
  ) {
    super(`The allowance ${allowance.name} is spent for ${retryAfterSeconds} s`);
  }
}

const TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('comptoir allowance ' || $1), hashtext($2))";

const SELECT_SPENT = `
  SELECT spent, until FROM spent_allowance WHERE allowance = $1 AND holder = $2 AND until > $3`;

const SPEND = `
  INSERT INTO spent_allowance AS s (allowance, holder, spent, until) VALUES ($1, $2, 1, $4)
  ON CONFLICT (allowance, holder) DO UPDATE SET
    spent = CASE WHEN s.until > $3 THEN s.spent + 1 ELSE 1 END,
    until = CASE WHEN s.until > $3 THEN s.until ELSE EXCLUDED.until END`;

// Deletes a few expired rows, so that the table stays small. It never waits: SKIP LOCKED leaves out rows of other
// transactions.
const SWEEP = `
  DELETE FROM spent_allowance WHERE (allowance, holder) IN (
    SELECT allowance, holder FROM spent_allowance WHERE until <= $1 ORDER BY until LIMIT 10 FOR UPDATE SKIP LOCKED)`;

/**
 * Serializes the attempts of a holder until the end of the transaction, so that concurrent attempts cannot exceed the
 * allowance. Call it before anything else is locked.
 */
export async function takeTurns(tx: Tx, { name }: Allowance, holder: string): Promise<void> {
  await tx.rows(TAKE_TURNS, [name, holder]);
}

/** Checks that the allowance is not spent; call it after `takeTurns`. @throws AllowanceSpent */
export async function checkAllowance(tx: Tx, allowance: Allowance, holder: string, now: Date): Promise<void> {
  const [row] = await tx.rows<{ spent: number; until: Date }>(SELECT_SPENT, [allowance.name, holder, now]);
  if (row === undefined || row.spent < allowance.most) return;
  throw new AllowanceSpent(allowance, Math.max(1, Math.ceil((row.until.getTime() - now.getTime()) / 1_000)));
}

/** Spends one unit of an allowance; the first one begins its window. */
export async function spend(tx: Tx, allowance: Allowance, holder: string, now: Date): Promise<void> {
  const until = new Date(now.getTime() + allowance.windowSeconds * 1_000);
  await tx.rows(SPEND, [allowance.name, holder, now, until]);
  await tx.rows(SWEEP, [now]);
}
