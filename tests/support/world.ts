// The small world of the tests: three locations, four SKUs, and tokens of the roles that tests need.

import { randomBytes } from 'node:crypto';
import { hashToken } from '../../src/access/queries/callers';
import type { Role } from '../../src/access/rules/roles';
import type { Tx } from '../../src/db/pool';

const HOURS = [1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, opensAt: '09:00', closesAt: '19:00' }));

const WORLD = `
  INSERT INTO location (code, name, kind, city, country, latitude, longitude, time_zone, weekly_hours, groups) VALUES
    ('paris', 'Paris', 'SHOP', 'Paris', 'FR', 48.8566, 2.3522, 'Europe/Paris', $1, '{france,north}'),
    ('lyon', 'Lyon', 'SHOP', 'Lyon', 'FR', 45.764, 4.8357, 'Europe/Paris', $1, '{france,south}'),
    ('depot', 'Depot', 'WAREHOUSE', 'Orléans', 'FR', 47.9029, 1.9093, 'Europe/Paris', $1, '{france}')`;
const SKUS = `
  INSERT INTO sku (code, gtin, name, category, price_minor, currency, pick_position) VALUES
    ('TENT-2', '02000000000015', 'Tent for two', 'Outdoor/Tents', 19900, 'EUR', 'A-01'),
    ('LAMP', '02000000000022', 'Head lamp', 'Outdoor/Light', 2990, 'EUR', 'B-02'),
    ('SOCK-M', '02000000000039', 'Wool socks M', 'Clothing/Socks', 1290, 'EUR', 'C-03'),
    ('MUG', '02000000000046', 'Enamel mug', 'Outdoor/Kitchen', 990, 'EUR', 'D-04')`;

/** Puts three locations (paris, lyon, depot) and four SKUs (TENT-2, LAMP, SOCK-M, MUG) into an empty database. */
export async function fillWorld(db: Tx): Promise<void> {
  await db.rows(WORLD, [JSON.stringify(HOURS)]);
  await db.rows(SKUS);
}

let made = 0;

/** A token of a new actor. STAFF names the codes of its locations. */
export async function newToken(
  db: Tx,
  role: Role,
  name = `${role.toLowerCase()}-${++made}`,
  locations: string[] = [],
): Promise<string> {
  const token = `test_${randomBytes(16).toString('hex')}`;
  const [actor] = await db.rows<{ id: number }>(
    'INSERT INTO actor (name, role) VALUES ($1, $2::role) RETURNING id',
    [name, role],
  );
  await db.rows('INSERT INTO access_token (actor_id, token_hash, hint) VALUES ($1, $2, $3)', [
    actor!.id,
    hashToken(token),
    token.slice(-4),
  ]);
  await db.rows(
    'INSERT INTO actor_location (actor_id, location_id) SELECT $1, id FROM location WHERE code = ANY($2::text[])',
    [actor!.id, locations],
  );
  return token;
}
