// Input of upsertServiceAgents: limits, checks, and merging with the stored agent.

import { checkCount, checkDistinct, checkQuantity, checkText, MAX_BULK, refuse } from '../../refusals';
import type { ServiceChannel } from './contact';
import { CODE, CONTACT_LIMITS, LANGUAGE } from './contactLine';

export const AGENT_LIMITS = {
  /** Characters of a name. */
  name: 200,
  /** Skills and languages of one agent. */
  skills: 100,
  languages: 20,
  channels: 20,
  /** Units of work at once: a hundred calls. */
  capacity: 1_000,
} as const;

/** What an agent is; omitted fields keep their values. */
export interface AgentInput {
  code: string;
  name?: string;
  /** Null: nobody who signs in here. */
  actorId?: number | null;
  locationId?: number | null;
  skills?: string[];
  languages?: string[];
  channels?: ServiceChannel[];
  capacity?: number;
  available?: boolean;
}

/** An agent with all its values. */
export type AgentFacts = Required<AgentInput>;

function checkCode(value: string, path: string): void {
  checkText(value, path, CONTACT_LIMITS.code);
  if (CODE.test(value)) return;
  refuse('InvalidInput', `${path} must be a code of letters, digits, blanks and . _ : / @ + # -.`, { path });
}

function checkLanguage(value: string, path: string): void {
  if (LANGUAGE.test(value)) return;
  refuse('InvalidInput', `${path} is not a language; write a code such as fr or pt-BR.`, { path });
}

/** @throws Refused InvalidInput */
export function checkAgents(agents: readonly AgentInput[], path: string): void {
  checkCount(agents, path, MAX_BULK);
  checkDistinct(
    agents.map(({ code }) => code),
    path,
  );
  for (const [i, agent] of agents.entries()) {
    const at = `${path}.${i}`;
    checkCode(agent.code, `${at}.code`);
    if (agent.name !== undefined) checkText(agent.name, `${at}.name`, AGENT_LIMITS.name);
    for (const field of ['skills', 'languages', 'channels'] as const)
      checkCount(agent[field] ?? [], `${at}.${field}`, AGENT_LIMITS[field], 0);
    for (const [j, skill] of (agent.skills ?? []).entries()) checkCode(skill, `${at}.skills.${j}`);
    for (const [j, one] of (agent.languages ?? []).entries()) checkLanguage(one, `${at}.languages.${j}`);
    if (agent.capacity !== undefined)
      checkQuantity(agent.capacity, `${at}.capacity`, 0, AGENT_LIMITS.capacity);
  }
}

const sorted = <T extends string>(values: readonly T[]): T[] => [...new Set(values)].sort();

/** The agent after a request. */
export function mergeAgent(known: AgentFacts | undefined, sent: AgentInput): AgentFacts {
  const before: AgentFacts = known ?? {
    ...{ code: sent.code, name: sent.code, actorId: null, locationId: null },
    ...{ skills: [], languages: [], channels: [], capacity: 0, available: false },
  };
  return {
    code: sent.code,
    name: sent.name ?? before.name,
    actorId: sent.actorId === undefined ? before.actorId : sent.actorId,
    locationId: sent.locationId === undefined ? before.locationId : sent.locationId,
    skills: sorted(sent.skills ?? before.skills),
    languages: sorted(sent.languages ?? before.languages),
    channels: sorted(sent.channels ?? before.channels),
    capacity: sent.capacity ?? before.capacity,
    available: sent.available ?? before.available,
  };
}
