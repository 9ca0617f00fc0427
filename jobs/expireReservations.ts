// Expires overdue reservations. They count nowhere already; this returns their units to AVAILABLE in the ledger.

import type { Parts } from '../src/graphql/context';
import { expireReservations as expire } from '../src/reservation/actions/commands';

export function expireReservations({ db }: Parts, dueAt: Date): Promise<{ expired: number }> {
  return expire(db, dueAt);
}
