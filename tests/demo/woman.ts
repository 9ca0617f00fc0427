// The woman of the demonstration's customer: who she is, who serves her, and how she is looked for.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, DemoFailed, type Json } from './client';

export const SHOP = 'paris-rivoli';
/** Jobs that record orders and make exports run every ten seconds. */
const WAIT_LIMIT_MS = 60_000;
const POLL_MS = 500;

export interface DemoClients {
  frontEnd: Client;
  tablet: Client;
  admin: Client;
  desk: Client;
  agent: Client;
  steward: Client;
}

/** Who she is: other values at every run, because what was erased does not come back. */
export interface DemoWoman {
  email: string;
  phone: string;
  handle: string;
}

export const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
export const counted = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

/** Asks again until there is an answer, or the limit has passed. */
export async function until<Found>(what: string, look: () => Promise<Found | null>): Promise<Found> {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new DemoFailed(`${what} did not happen in ${WAIT_LIMIT_MS / 1_000} s.`);
    await sleep(POLL_MS);
  }
}

const FIND = `query ($by: CustomerKey!) { customer(by: $by) { id identifiers { kind standing } } }`;
export async function find(agent: Client, by: object): Promise<Json> {
  return (await agent.query(FIND, { by })).customer;
}
export const keysOf = ({ email, phone, handle }: DemoWoman): object[] => [
  ...[{ email }, { phone }, { socialHandle: { network: 'instagram', handle } }],
];

export async function ingest(desk: Client, source: string, contact: object): Promise<void> {
  const { refused } = await desk.does(
    'ingestContacts',
    { source, contacts: [contact] },
    'created updated refused { message }',
  );
  if (refused.length > 0) throw new DemoFailed(`ingestContacts: ${refused[0].message}`);
}
