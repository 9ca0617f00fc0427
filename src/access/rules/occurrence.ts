// When an act happened, beside when it was recorded: reported by its client, within bounds.

import { type Refused, refusal } from '../../refusals';

/** The time that a client reported for an act, and how far it may lie from the time at which the act is recorded. */
export interface ReportedTime {
  at: Date;
  pastMs: number;
  futureMs: number;
}

/** The refusal of a reported time out of bounds; null: it is within them, or none was reported. */
export function occurrenceProblem(command: { occurrence?: ReportedTime; now: Date }): Refused | null {
  if (command.occurrence === undefined) return null;
  const { at, pastMs, futureMs } = command.occurrence;
  const { now } = command;
  const from = new Date(now.getTime() - pastMs);
  const to = new Date(now.getTime() + futureMs);
  if (at >= from && at <= to) return null;
  const message = `occurredAt is ${at.toISOString()}; it must be from ${from.toISOString()} to ${to.toISOString()} (OCCURRED_PAST_HOURS, OCCURRED_FUTURE_MINUTES). Correct the clock of the device, or leave occurredAt out and send the act with a new idempotencyKey: it then counts as done now.`;
  return refusal('InvalidInput', message, { path: 'occurredAt' });
}
