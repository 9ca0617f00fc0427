// Sweeps holds past their time. They count nowhere anyway; this puts their units back in the books.

import type { Parts } from '../src/graphql/context';
import { expireReservations as expire } from '../src/reservation/actions/commands';

export function expireReservations({ db }: Parts, dueAt: Date): Promise<{ expired: number }> {
  return expire(db, dueAt);
}
