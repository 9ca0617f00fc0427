// Puts reminders for orders that wait to be fetched in the outbox.

import type { Parts } from '../src/graphql/context';
import { sendReminders as send } from '../src/order/actions/remindAndExpire';

export function sendReminders({ db, clock }: Parts, dueAt: Date): Promise<{ reminded: number }> {
  return send(db, dueAt, clock());
}
