// What a page learns of its session: the person, the ways to sign in, and the shared tablet that it runs on.

import type { Request } from 'express';
import { type DeviceRow, deviceBySecret, tabletPeople } from '../access/queries/devices';
import type { SessionRow } from '../access/queries/sessions';
import { hashOfDevice } from '../access/rules/device';
import type { Parts } from '../graphql/context';
import { readDeviceCookie } from './cookies';
import { type SignInWays, signInWays } from './signInWays';

/** The shared tablet, and who may sign in on it. */
interface DeviceAnswer {
  name: string;
  location: { code: string; name: string };
  /** The staff of its shop: whether a PIN is missing or locked is shown before anything is typed. */
  people: { id: number; name: string; pin: 'NONE' | 'LOCKED' | 'OPEN' }[];
}

interface SessionAnswer {
  /** Null: no person is signed in. */
  actor: {
    name: string;
    role: string;
    manager: boolean;
    /** Empty for an actor of the whole chain. */
    locations: { code: string; name: string }[];
  } | null;
  signIn: string | null;
  /** When the session ends however much it is used, and when if it is not used until then. */
  expiresAt: Date | null;
  idleAt: Date | null;
  ways: SignInWays;
  /** Null: the browser is no enrolled tablet. */
  device: DeviceAnswer | null;
  /** Whether GraphiQL is at /graphql. */
  graphiql: boolean;
}

/** The tablet whose cookie a request brings; null: it brings none, or one that is unknown or revoked. */
export async function deviceOf(req: Request, { db, config }: Parts): Promise<DeviceRow | null> {
  const secret = readDeviceCookie(req, config);
  const hash = secret === undefined ? null : hashOfDevice(secret);
  return hash === null ? null : deviceBySecret(db, hash);
}

async function deviceAnswer(row: DeviceRow, { db, config }: Parts): Promise<DeviceAnswer> {
  const people = await tabletPeople(db, row.locationId);
  return {
    name: row.name,
    location: { code: row.locationCode, name: row.locationName },
    people: people.map(({ actorId, name, hasPin, attempts }) => ({
      id: actorId,
      name,
      pin: !hasPin ? 'NONE' : attempts >= config.sessions.pinAttempts ? 'LOCKED' : 'OPEN',
    })),
  };
}

export async function sessionAnswer(
  row: SessionRow | null,
  device: DeviceRow | null,
  parts: Parts,
): Promise<SessionAnswer> {
  const present = {
    ways: await signInWays(parts),
    device: device === null ? null : await deviceAnswer(device, parts),
    graphiql: parts.config.graphiql,
  };
  if (row === null) return { actor: null, signIn: null, expiresAt: null, idleAt: null, ...present };
  const { name, role, manager, locations, signIn, expiresAt, idleAt } = row;
  return { actor: { name, role, manager, locations }, signIn, expiresAt, idleAt, ...present };
}
