// Names and roles of actors, for documents and records that name who did something.

import type { Tx } from '../../db/pool';
import type { Role } from '../rules/roles';

/** What the retailer's own people see of an actor. */
export interface ActorName {
  id: number;
  name: string;
  role: Role;
}

const BY_ID = 'SELECT id, name, role FROM actor WHERE id = ANY($1::int[])';

/** The actors of these ids, in any order. */
export function actorNames(tx: Tx, ids: readonly number[]): Promise<ActorName[]> {
  return tx.rows<ActorName>(BY_ID, [ids]);
}
