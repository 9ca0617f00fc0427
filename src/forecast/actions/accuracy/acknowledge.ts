// The command acknowledgeForecastAlert: an actor has seen an alert.

import { type Command, defineCommand } from '../../../access/actions/execute';
import { notFound } from '../../../refusals';

const LOCK = 'SELECT id FROM forecast_alert WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE';
const ACKNOWLEDGE = `
  UPDATE forecast_alert SET acknowledged_at = $2, acknowledged_by_id = $3, note = $4
  WHERE id = ANY($1::uuid[]) AND acknowledged_at IS NULL`;

/**
 * Acknowledges alerts with a note. The first acknowledgement is kept; a later one changes nothing.
 * While its break goes on there is no other alert. @throws Refused NotFound
 */
export const acknowledgeForecastAlert = defineCommand(
  'acknowledgeForecastAlert',
  async (tx, { input, actor, now }: Command<{ alertIds: string[]; note: string | null }>) => {
    const { alertIds, note } = input;
    const found = new Set((await tx.rows<{ id: string }>(LOCK, [alertIds])).map((row) => row.id));
    const missing = alertIds.filter((id) => !found.has(id));
    if (missing.length > 0) {
      throw notFound('ForecastAlert', missing);
    }
    await tx.rows(ACKNOWLEDGE, [alertIds, now, actor.actorId, note]);
    return { alertIds };
  },
);
