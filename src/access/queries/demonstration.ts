// The people of the demonstration chain, as far as the database has them.

import type { Tx } from '../../db/pool';
import type { Role } from '../rules/roles';

/** The actor of a demonstration's token, for the sign-in page. */
export interface DemonstrationActorRow {
  hash: string;
  name: string;
  role: Role;
  manager: boolean;
  locations: { code: string; name: string }[];
}

const BY_TOKENS = `
  SELECT t.token_hash AS hash, a.name, a.role, a.manager,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('code', l.code, 'name', l.name) ORDER BY l.code), '[]')
          FROM actor_location al JOIN location l ON l.id = al.location_id WHERE al.actor_id = a.id) AS locations
  FROM access_token t JOIN actor a ON a.id = t.actor_id
  WHERE t.token_hash = ANY($1::text[]) AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)
    AND a.active`;

/** The active actors of these tokens, in any order. */
export function demonstrationActors(
  tx: Tx,
  hashes: readonly string[],
  now: Date,
): Promise<DemonstrationActorRow[]> {
  return tx.rows<DemonstrationActorRow>(BY_TOKENS, [hashes, now]);
}
