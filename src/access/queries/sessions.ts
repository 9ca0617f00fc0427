// Reads a person's session, for the person.

import type { Tx } from '../../db/pool';
import type { Role } from '../rules/roles';
import type { SignIn } from '../rules/session';

/** A session and its person, as the page that the person uses shows them. */
export interface SessionRow {
  id: number;
  actorId: number;
  name: string;
  role: Role;
  manager: boolean;
  signIn: SignIn;
  expiresAt: Date;
  idleAt: Date;
  locations: { code: string; name: string }[];
}

/** When a session ends however much it is used: at its own time, or with the token it was opened with. */
const ENDS_AT = 'least(s.expires_at, t.expires_at)';

const BY_HASH = `
  SELECT s.id, a.id AS "actorId", a.name, a.role, a.manager, s.sign_in AS "signIn",
         ${ENDS_AT} AS "expiresAt", s.idle_at AS "idleAt",
         (SELECT coalesce(jsonb_agg(jsonb_build_object('code', l.code, 'name', l.name) ORDER BY l.code), '[]')
          FROM actor_location al JOIN location l ON l.id = al.location_id WHERE al.actor_id = a.id AND al.location_id = coalesce(d.location_id, al.location_id)) AS locations
  FROM session s JOIN actor a ON a.id = s.actor_id LEFT JOIN access_token t ON t.id = s.access_token_id
    LEFT JOIN device d ON d.id = s.device_id
  WHERE s.secret_hash = $1 AND s.revoked_at IS NULL AND t.revoked_at IS NULL AND a.active
    AND ${ENDS_AT} > $2 AND s.idle_at > $2`;

/** The session with this hash; null when there is none, or it has ended. */
export async function sessionByHash(tx: Tx, hash: string, now: Date): Promise<SessionRow | null> {
  const [row] = await tx.rows<SessionRow>(BY_HASH, [hash, now]);
  return row ?? null;
}
