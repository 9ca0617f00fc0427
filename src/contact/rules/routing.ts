// Routing: which agent should take a contact, with points by criterion, and what a contact waits for before criteria are dropped.

import type { ServiceChannel } from './contact';

/**
 * Units of work that an open contact takes of its agent's capacity. A call needs the whole agent; several chats and mails go side by
 * side, see the column `capacity` of `service_agent`.
 */
export const CAPACITY_WEIGHTS: Readonly<Record<ServiceChannel, number>> = {
  PHONE: 10,
  IN_STORE: 10,
  CHAT: 4,
  WHATSAPP: 4,
  INSTAGRAM: 4,
  FACEBOOK: 4,
  SMS: 3,
  X: 3,
  EMAIL: 2,
  FORM: 2,
  OTHER: 2,
};

/** The most that a criterion adds to a score. LOAD adds the share of the capacity that stays free. */
export const ROUTING_POINTS = {
  CASE: 40,
  SKILL: 30,
  LANGUAGE: 30,
  CUSTOMER: 20,
  SHOP: 10,
  PREFERENCE: 10,
  LOAD: 30,
} as const;
export type RoutingCriterion = keyof typeof ROUTING_POINTS;
export type SoftCriterion = Exclude<RoutingCriterion, 'LOAD'>;
export const SOFT_CRITERIA = ['CASE', 'SKILL', 'LANGUAGE', 'CUSTOMER', 'SHOP', 'PREFERENCE'] as const;

/**
 * Criteria for which a contact waits, the most important first: while one of them is in force, only agents who meet it are advised, if
 * any at work does. The others only add points: waiting for them costs more than they are worth (see the simulation).
 */
const WAITED_FOR = ['CASE', 'SKILL', 'LANGUAGE'] as const;

/** Seconds of waiting after which each soft criterion is dropped. */
export type RoutingSteps = Readonly<Record<SoftCriterion, number>>;

export interface RoutingAgent {
  id: number;
  code: string;
  skills: readonly string[];
  languages: readonly string[];
  /** None: every channel. */
  channels: readonly string[];
  capacity: number;
  locationId: number | null;
  /** Units of work of its open cases. */
  load: number;
}

export interface RoutedContact {
  channel: ServiceChannel;
  skill: string | null;
  isSkillHard: boolean;
  language: string | null;
  isLanguageHard: boolean;
  /** The shop that it concerns. */
  locationId: number | null;
  /** The shop that the customer uses most. */
  preferredLocationId: number | null;
  /** Agents who know the case, and those who know the customer. */
  caseAgents: ReadonlySet<number>;
  customerAgents: ReadonlySet<number>;
  waitingSeconds: number;
}

/** Why agents at work are no candidates. */
export const EXCLUSIONS = ['OTHER_CHANNEL', 'NO_SKILL', 'NO_LANGUAGE', 'NO_CAPACITY'] as const;
export type RoutingExclusion = (typeof EXCLUSIONS)[number];

export interface RoutingCandidate {
  agent: RoutingAgent;
  /** The sum of the points. */
  score: number;
  points: { criterion: RoutingCriterion; points: number }[];
}

export interface RoutingAdvice {
  /** Who should take it now; null: nobody yet. */
  advised: RoutingCandidate | null;
  /** Agents who could take it now, the best first. */
  candidates: RoutingCandidate[];
  excluded: { reason: RoutingExclusion; agents: number }[];
  /** Soft criteria that no longer count. */
  dropped: SoftCriterion[];
  /** What it waits for although somebody could take it. */
  waitsFor: SoftCriterion[];
  /** Seconds until the next of these criteria is dropped; null if time changes nothing. */
  retryAfterSeconds: number | null;
}

/** Whether somebody who speaks `spoken` can answer in `wanted`: pt serves pt-BR, and the other way round. */
export function isLanguageServed(spoken: readonly string[], wanted: string): boolean {
  const base = (language: string): string => language.toLowerCase().split('-')[0]!;
  return spoken.some((language) => base(language) === base(wanted));
}

/** Whether an agent meets a soft criterion of a contact; of none that the contact does not have. */
function meets(contact: RoutedContact, agent: RoutingAgent, criterion: SoftCriterion): boolean {
  const isAt = (id: number | null): boolean => id !== null && agent.locationId === id;
  switch (criterion) {
    case 'CASE':
      return contact.caseAgents.has(agent.id);
    case 'SKILL':
      return contact.skill !== null && agent.skills.includes(contact.skill);
    case 'LANGUAGE':
      return contact.language !== null && isLanguageServed(agent.languages, contact.language);
    case 'CUSTOMER':
      return contact.customerAgents.has(agent.id);
    case 'SHOP':
      return isAt(contact.locationId);
    case 'PREFERENCE':
      return isAt(contact.preferredLocationId);
  }
}

const isHard = (contact: RoutedContact, criterion: SoftCriterion): boolean =>
  (criterion === 'SKILL' && contact.isSkillHard) || (criterion === 'LANGUAGE' && contact.isLanguageHard);

/** Why an agent cannot take the contact however long it waits; null: the agent can, with enough free capacity. */
function lasting(contact: RoutedContact, agent: RoutingAgent, weight: number): RoutingExclusion | null {
  if (agent.channels.length > 0 && !agent.channels.includes(contact.channel)) return 'OTHER_CHANNEL';
  if (contact.isSkillHard && contact.skill !== null && !meets(contact, agent, 'SKILL')) return 'NO_SKILL';
  if (contact.isLanguageHard && contact.language !== null && !meets(contact, agent, 'LANGUAGE'))
    return 'NO_LANGUAGE';
  return agent.capacity < weight ? 'NO_CAPACITY' : null;
}

function scored(
  contact: RoutedContact,
  agent: RoutingAgent,
  inForce: ReadonlySet<SoftCriterion>,
  weight: number,
): RoutingCandidate {
  const points: RoutingCandidate['points'] = SOFT_CRITERIA.map((criterion) => ({
    criterion,
    points: inForce.has(criterion) && meets(contact, agent, criterion) ? ROUTING_POINTS[criterion] : 0,
  }));
  const free = (agent.capacity - agent.load - weight) / agent.capacity;
  points.push({ criterion: 'LOAD', points: Math.round(ROUTING_POINTS.LOAD * free) });
  return { agent, points, score: points.reduce((sum, one) => sum + one.points, 0) };
}

const byCode = (a: RoutingAgent, b: RoutingAgent): number => (a.code < b.code ? -1 : 1);

/** The better candidate first: by score, then by the share of the capacity in use, then by code, so that equals have one order. */
function compare(a: RoutingCandidate, b: RoutingCandidate): number {
  const used = ({ agent }: RoutingCandidate): number => agent.load / agent.capacity;
  return b.score - a.score || used(a) - used(b) || byCode(a.agent, b.agent);
}

/** Agents at work that a contact waits for: those who meet the criteria waited for, as far as somebody meets them. */
function awaited(
  contact: RoutedContact,
  able: readonly RoutingAgent[],
  inForce: ReadonlySet<SoftCriterion>,
): { wanted: readonly RoutingAgent[]; criteria: SoftCriterion[] } {
  let wanted = able;
  const criteria: SoftCriterion[] = [];
  for (const criterion of WAITED_FOR) {
    if (!inForce.has(criterion) || isHard(contact, criterion)) continue;
    const meeting = wanted.filter((agent) => meets(contact, agent, criterion));
    if (meeting.length === 0) continue;
    wanted = meeting;
    criteria.push(criterion);
  }
  return { wanted, criteria };
}

/** Which of the agents at work should take a contact, and why. */
export function adviceFor(
  contact: RoutedContact,
  agents: readonly RoutingAgent[],
  steps: RoutingSteps,
): RoutingAdvice {
  const weight = CAPACITY_WEIGHTS[contact.channel];
  const { waitingSeconds } = contact;
  const inForce = new Set(SOFT_CRITERIA.filter((one) => isHard(contact, one) || waitingSeconds < steps[one]));
  const reasons = agents.map((agent) => lasting(contact, agent, weight));
  const able = agents.filter((_, i) => reasons[i] === null);
  const free = able.filter(({ load, capacity }) => load + weight <= capacity);
  const candidates = free.map((agent) => scored(contact, agent, inForce, weight)).sort(compare);
  const { wanted, criteria } = awaited(contact, able, inForce);
  const advised = candidates.find(({ agent }) => wanted.includes(agent)) ?? null;
  const waitsFor = advised === null && candidates.length > 0 ? criteria : [];
  const nextSteps = waitsFor.map((criterion) => steps[criterion] - waitingSeconds);
  const excluded = EXCLUSIONS.map((reason) => ({
    reason,
    agents:
      reasons.filter((one) => one === reason).length +
      (reason === 'NO_CAPACITY' ? able.length - free.length : 0),
  }));
  return {
    ...{ advised, candidates, waitsFor },
    excluded: excluded.filter((one) => one.agents > 0),
    dropped: SOFT_CRITERIA.filter((criterion) => !inForce.has(criterion)),
    retryAfterSeconds: nextSteps.length === 0 ? null : Math.min(...nextSteps),
  };
}
