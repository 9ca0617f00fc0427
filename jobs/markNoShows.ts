// Closes READY orders that nobody fetched in time; their units go back to the shelf.

import type { Parts } from '../src/graphql/context';
import { markNoShows as mark } from '../src/order/actions/remindAndExpire';

export function markNoShows({ db, clock }: Parts, dueAt: Date): Promise<{ noShows: number }> {
  return mark(db, dueAt, clock());
}
