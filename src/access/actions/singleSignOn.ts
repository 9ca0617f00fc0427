// The actor of a person who comes from the single sign-on: created at the first sign-in, changed when the groups change.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { ACTOR_LIMITS } from '../rules/actor';
import type { Role } from '../rules/roles';
import { endSessionsOf, insertSession, type OpeningSession } from './sessions';

// As in the commands of administrators: names are unique.
const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtext('comptoir actors'))`;
const BY_IDENTITY = `
  SELECT a.id, a.role, a.active, a.manager,
         ARRAY(SELECT location_id FROM actor_location WHERE actor_id = a.id ORDER BY location_id) AS "locationIds"
  FROM single_sign_on s JOIN actor a ON a.id = s.actor_id WHERE s.identity_hash = $1 FOR NO KEY UPDATE OF a`;
const LOCATIONS = 'SELECT id FROM location WHERE code = ANY($1::text[]) ORDER BY id';
const TAKEN = 'SELECT name FROM actor WHERE name = ANY($1::text[])';
const INSERT = `
  WITH a AS (INSERT INTO actor (name, role, created_at, manager) VALUES ($1, $2::role, $3, $4) RETURNING id)
  INSERT INTO single_sign_on (actor_id, identity_hash, created_at) SELECT id, $5, $3 FROM a
  RETURNING actor_id AS "actorId"`;
const UPDATE = `UPDATE actor SET role = $2::role, manager = $3, channels = '{}' WHERE id = $1`;
const WORKS_NOWHERE = 'DELETE FROM actor_location WHERE actor_id = $1';
const WORKS_AT = 'INSERT INTO actor_location (actor_id, location_id) SELECT $1, unnest($2::int[])';

/** A person as the provider describes it, with the rights of its groups. */
export interface SignedOnPerson {
  identityHash: string;
  name: string;
  rights: { role: Role; locations: string[]; manager: boolean };
}

interface KnownActor {
  id: number;
  role: Role;
  active: boolean;
  manager: boolean;
  locationIds: number[];
}

/** Names that are tried one after the other: two people may have one name. */
const NAMESAKES = 50;
const SUFFIX = 11;

async function freeName(tx: Tx, { name, identityHash }: SignedOnPerson): Promise<string> {
  const wanted = name.slice(0, ACTOR_LIMITS.nameLength - SUFFIX);
  const names = Array.from({ length: NAMESAKES }, (_, i) => (i === 0 ? wanted : `${wanted} (${i + 1})`));
  const taken = new Set((await tx.rows<{ name: string }>(TAKEN, [names])).map((row) => row.name));
  return names.find((one) => !taken.has(one)) ?? `${wanted} (${identityHash.slice(0, 8)})`;
}

/** The id of the actor with these rights, after a change of which its other sessions end. Null: an administrator deactivated it. */
async function actorOfPerson(
  tx: Tx,
  person: SignedOnPerson,
  locationIds: number[],
  now: Date,
): Promise<number | null> {
  const { identityHash, rights } = person;
  const { role, manager } = rights;
  const [known] = await tx.rows<KnownActor>(BY_IDENTITY, [identityHash]);
  if (known === undefined) {
    const values = [await freeName(tx, person), role, now, manager, identityHash];
    const [made] = await tx.rows<{ actorId: number }>(INSERT, values);
    await tx.rows(WORKS_AT, [made!.actorId, locationIds]);
    return made!.actorId;
  }
  if (!known.active) return null;
  const isSame =
    known.role === role && known.manager === manager && known.locationIds.join() === locationIds.join();
  if (!isSame) {
    await tx.rows(UPDATE, [known.id, role, manager]);
    await tx.rows(WORKS_NOWHERE, [known.id]);
    await tx.rows(WORKS_AT, [known.id, locationIds]);
    await endSessionsOf(tx, known.id, now);
  }
  return known.id;
}

/** Opens a session for a person who comes from the single sign-on. */
export function openBySingleSignOn(
  db: Db,
  person: SignedOnPerson,
  times: Pick<OpeningSession, 'idleSeconds' | 'lifeSeconds' | 'now'>,
): Promise<{ secret: string } | { fault: 'INACTIVE' | 'NO_LOCATION' }> {
  return inTransaction(
    db,
    async (tx): Promise<{ secret: string } | { fault: 'INACTIVE' | 'NO_LOCATION' }> => {
      await tx.rows(TAKE_TURNS);
      const { locations } = person.rights;
      const rows = await tx.rows<{ id: number }>(LOCATIONS, [locations]);
      // Without any the person would work for the whole chain, or nowhere.
      if (locations.length > 0 && rows.length === 0) return { fault: 'NO_LOCATION' };
      const ids = rows.map(({ id }) => id);
      const actorId = await actorOfPerson(tx, person, ids, times.now);
      if (actorId === null) return { fault: 'INACTIVE' };
      const opened = await insertSession(tx, { actorId, signIn: 'SINGLE_SIGN_ON', ...times });
      return opened ?? { fault: 'INACTIVE' };
    },
  );
}
