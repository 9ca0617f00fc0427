// npm run token: the first token of an installation, or another one, made directly in the database by the operator of the server.

import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createActor, createToken } from '../access/actions/actors';
import { accessToken } from '../access/rules/actor';
import { ROLES, type Role, SYSTEM } from '../access/rules/roles';
import { OperatorError } from '../refusals';
import { type Booted, boot, run } from '../server/boot';
import { DAY_MS } from '../values/time';

const USAGE =
  'npm run token -- --name "Anna" --role ADMIN [--location paris-rivoli]... [--channel ONLINE]... [--origin https://shop.example.com]... [--days 90]; of an actor that exists, --name alone';

interface TokenRequest {
  name: string;
  role: Role | null;
  locations: string[];
  channels: string[];
  /** Of a publishable token. */
  origins: string[];
  days: number | null;
}

/** @throws OperatorError with the usage for what can't be meant */
function readArguments(args: string[]): TokenRequest {
  try {
    const { values } = parseArgs({
      args,
      options: {
        name: { type: 'string' },
        role: { type: 'string' },
        location: { type: 'string', multiple: true },
        channel: { type: 'string', multiple: true },
        origin: { type: 'string', multiple: true },
        days: { type: 'string' },
      },
    });
    const { name, location = [], channel = [], origin = [] } = values;
    const role = values.role?.toUpperCase() ?? null;
    if (!name) throw new Error('--name is missing');
    if (role !== null && !ROLES.includes(role as Role)) throw new Error(`there is no role ${role}`);
    const days = values.days === undefined ? null : Number(values.days);
    if (days !== null && !(Number.isInteger(days) && days > 0)) {
      throw new Error(`--days is '${values.days}', not a whole number from 1`);
    }
    return { name, role: role as Role | null, locations: location, channels: channel, origins: origin, days };
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}. Usage: ${USAGE}`);
  }
}

const NAMED = 'SELECT id, role FROM actor WHERE name = $1 AND id <> 0';

/** The actor of this name, made when there is none. */
async function actorOf({ parts }: Booted, wanted: TokenRequest): Promise<number> {
  const { name, role, locations, channels } = wanted;
  const [found] = await parts.db.rows<{ id: number; role: Role }>(NAMED, [name]);
  if (found !== undefined) {
    if ((role === null || role === found.role) && locations.length + channels.length === 0) return found.id;
    throw new OperatorError(
      `'${name}' has the role ${found.role} already; leave out --role, --location and --channel to give it another token.`,
    );
  }
  if (role === null)
    throw new OperatorError(`There is no actor '${name}' yet; give its --role. Usage: ${USAGE}`);
  const input = { name, role, locations, channels, manager: false };
  const request = { actor: SYSTEM, idempotencyKey: randomUUID(), now: parts.clock(), input };
  return (await createActor(parts.db, request)).actorId;
}

async function main(): Promise<void> {
  const wanted = readArguments(process.argv.slice(2));
  const booted = await boot((line) => process.stderr.write(`${line}\n`));
  try {
    const { db, secretKey, clock } = booted.parts;
    const actorId = await actorOf(booted, wanted);
    const now = clock();
    const expiresAt = wanted.days === null ? null : new Date(now.getTime() + wanted.days * DAY_MS);
    const pageOrigins = wanted.origins.length > 0 ? wanted.origins : null;
    const input = { actorId, key: wanted.name, expiresAt, pageOrigins };
    const made = await createToken(secretKey)(db, {
      actor: SYSTEM,
      idempotencyKey: randomUUID(),
      now,
      input,
    });
    process.stderr.write(`A token of '${wanted.name}'; it is not shown again:\n`);
    process.stdout.write(`${accessToken(secretKey, made.nonce, pageOrigins !== null)}\n`);
  } finally {
    await booted.close();
  }
}

void run(main);
