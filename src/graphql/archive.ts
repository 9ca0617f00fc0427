// The archive: closed documents after the term of the contract, whose personal data only administrators see until it is erased.

import { yearsAfter } from '../values/time';
import type { Context } from './context';

/** What stands in the archive instead of a text that cannot be empty. */
export const ARCHIVED = 'archived';

/** Whether the personal data of a document is in the archive, and so not for this caller. */
export function isArchived({ caller, config, now }: Context, closedAt: Date | null): boolean {
  if (caller.role === 'ADMIN' || closedAt === null) return false;
  return yearsAfter(closedAt, config.privacy.retention.contractYears) <= now;
}
