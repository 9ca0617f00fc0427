// The mutation upsertServiceAgents.

import { FEEDS } from '../../access/rules/roleSets';
import { Actor } from '../../access/schema/types';
import { builder } from '../../graphql/builder';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkText, MAX_BULK } from '../../refusals';
import { type AgentsUpserted, upsertServiceAgents } from '../actions/agents';
import { AGENT_LIMITS, checkAgents } from '../rules/agentInput';
import { CONTACT_LIMITS } from '../rules/contactLine';
import { ServiceChannelEnum } from './types';

const UpsertServiceAgentInput = builder.inputType('UpsertServiceAgentInput', {
  description: 'An agent to create or change. Omitted fields keep their values.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description:
        'As the source of contacts names the agent, such as zendesk:123; see `handler` of contacts.',
    }),
    name: t.string({ description: 'Name of the person; the code until one is given.' }),
    actor: t.globalID({ for: [Actor], description: 'Who the agent is here; null: nobody who signs in.' }),
    location: t.string({ description: 'Code of the shop that the agent knows best; null: none.' }),
    skills: t.stringList({
      description: `Topics that the agent is trained for, at most ${AGENT_LIMITS.skills}.`,
    }),
    languages: t.stringList({
      description: `Codes of languages, such as fr, at most ${AGENT_LIMITS.languages}.`,
    }),
    channels: t.field({
      type: [ServiceChannelEnum],
      description: 'Channels that the agent works on; none: all.',
    }),
    capacity: t.int({
      description: `Units of work at once, 0 to ${AGENT_LIMITS.capacity}: a telephone call is 10, a chat 4, a mail 2. 0, that of a new agent: nothing is routed.`,
    }),
    available: t.boolean({ description: 'Whether the agent is at work now; false for a new agent.' }),
  }),
});

const agentsUpserted: Success<AgentsUpserted> = {
  authScopes: FEEDS,
  fields: (t) => ({
    created: t.exposeInt('created', { description: 'Number of new agents.' }),
    updated: t.exposeInt('updated', { description: 'Number of changed agents.' }),
    unchanged: t.exposeInt('unchanged', { description: 'Number of agents that already had these values.' }),
  }),
};

mutation('upsertServiceAgents', {
  description:
    'Creates agents and changes existing ones; all of them or none. Sent again, nothing changes. The load of an agent is never sent: it is that of the open cases.',
  authScopes: FEEDS,
  price: commandPrice('agents', 2 * WRITTEN_ROW),
  input: (t) => ({
    agents: t.field({
      type: [UpsertServiceAgentInput],
      required: true,
      description: `Agents to create or change, at most ${MAX_BULK}, each code once.`,
    }),
  }),
  success: agentsUpserted,
  execute: async (input, context, request) => {
    const sent = input.agents.map(({ actor, location: _, ...agent }) => ({
      code: agent.code,
      name: agent.name ?? undefined,
      actorId: actor == null ? actor : Number(actor.id),
      skills: agent.skills ?? undefined,
      languages: agent.languages ?? undefined,
      channels: agent.channels ?? undefined,
      capacity: agent.capacity ?? undefined,
      available: agent.available ?? undefined,
    }));
    checkAgents(sent, 'agents');
    const codes = input.agents.flatMap(({ location }, i) => {
      if (location == null) return [];
      checkText(location, `agents.${i}.location`, CONTACT_LIMITS.code);
      return [location];
    });
    const ids = await locationIdsByCode(context.db, [...new Set(codes)]);
    const agents = sent.map((agent, i) => {
      const { location } = input.agents[i]!;
      return { ...agent, locationId: location == null ? location : ids.get(location)! };
    });
    return upsertServiceAgents(context.db, request({ agents }));
  },
});
