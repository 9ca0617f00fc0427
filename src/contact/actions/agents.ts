// upsertServiceAgents: creates and changes the agents who serve customers, in bulk.

import { type Command, defineCommand } from '../../access/actions/execute';
import { notFound, refuse } from '../../refusals';
import { type AgentFacts, type AgentInput, mergeAgent } from '../rules/agentInput';

/** What became of the agents; unchanged ones were not written. */
export interface AgentsUpserted {
  created: number;
  updated: number;
  unchanged: number;
}

// What one request reads here another must not change before it is written; agents change rarely, so they take turns.
const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtext('comptoir agents'))`;
const KNOWN = `
  SELECT code, name, actor_id AS "actorId", location_id AS "locationId", skills, languages,
         channels::text[] AS channels, capacity, available
  FROM service_agent WHERE code = ANY($1::text[]) ORDER BY id FOR UPDATE`;
const ACTORS = 'SELECT id FROM actor WHERE id = ANY($1::int[])';
const TAKEN = `
  SELECT k.id AS "actorId", a.code FROM actor k JOIN service_agent a ON a.actor_id = k.id
  WHERE k.id = ANY($1::int[]) AND a.code <> ALL($2::text[]) ORDER BY a.code LIMIT 1`;
// An actor may go from one agent of the request to another: the old ones let go of it first.
const FREE_ACTORS = `
  UPDATE service_agent a SET actor_id = NULL FROM jsonb_to_recordset($1::jsonb) AS n(code text, "actorId" int)
  WHERE a.code = n.code AND a.actor_id IS DISTINCT FROM n."actorId"`;
const UPSERT = `
  INSERT INTO service_agent AS k (code, name, actor_id, location_id, skills, languages, channels, capacity, available,
    updated_at)
  SELECT code, name, "actorId", "locationId", skills, languages, channels::service_channel[], capacity, available, $2
  FROM jsonb_to_recordset($1::jsonb) AS n(code text, name text, "actorId" int, "locationId" int, skills text[],
    languages text[], channels text[], capacity int, available boolean)
  ORDER BY code
  ON CONFLICT (code) DO UPDATE SET (name, actor_id, location_id, skills, languages, channels, capacity, available, updated_at)
    = (EXCLUDED.name, EXCLUDED.actor_id, EXCLUDED.location_id, EXCLUDED.skills, EXCLUDED.languages, EXCLUDED.channels,
       EXCLUDED.capacity, EXCLUDED.available, EXCLUDED.updated_at)
  RETURNING id`;

const isSame = (a: AgentFacts, b: AgentFacts): boolean =>
  (Object.keys(a) as (keyof AgentFacts)[]).every(
    (field) => JSON.stringify(a[field]) === JSON.stringify(b[field]),
  );

/**
 * Creates agents and changes known ones, all or none. `input.agents` was checked by `checkAgents`.
 * @throws Refused NotFound for unknown actors, InvalidInput for an actor who is another agent
 */
export const upsertServiceAgents = defineCommand(
  'upsertServiceAgents',
  async (tx, { input, now }: Command<{ agents: AgentInput[] }>): Promise<AgentsUpserted> => {
    await tx.rows(TAKE_TURNS);
    const codes = input.agents.map(({ code }) => code);
    const known = await tx.rows<AgentFacts>(KNOWN, [codes]);
    const before = new Map(known.map((facts) => [facts.code, facts]));
    const after = input.agents.map((sent) => mergeAgent(before.get(sent.code), sent));
    const changed = after.filter((facts) => {
      const old = before.get(facts.code);
      return old === undefined || !isSame(facts, mergeAgent(old, { code: facts.code }));
    });
    const actorIds = after.flatMap(({ actorId }) => (actorId === null ? [] : [actorId]));
    if (actorIds.length > 0) {
      const found = new Set((await tx.rows<{ id: number }>(ACTORS, [actorIds])).map(({ id }) => id));
      const unknown = actorIds.filter((id) => !found.has(id));
      if (unknown.length > 0) throw notFound('Actor', unknown.map(String));
      const [taken] = await tx.rows<{ actorId: number; code: string }>(TAKEN, [actorIds, codes]);
      const doubled = actorIds.find((id, i) => actorIds.indexOf(id) !== i);
      if (taken !== undefined || doubled !== undefined) {
        const i = after.findIndex(({ actorId }) => actorId === (taken?.actorId ?? doubled));
        const other = taken === undefined ? 'two agents of this request' : `agent ${taken.code} already`;
        const message = `agents.${i}.actor is that of ${other}; an actor is one agent.`;
        refuse('InvalidInput', message, { path: `agents.${i}.actor` });
      }
    }
    const rows = JSON.stringify(changed);
    await tx.rows(FREE_ACTORS, [rows]);
    const written = await tx.rows<{ id: number }>(UPSERT, [rows, now]);
    return {
      created: codes.length - known.length,
      updated: written.length - (codes.length - known.length),
      unchanged: codes.length - written.length,
    };
  },
);
