// A discrete-event simulation of a service team: policies of routing serve the same contacts, drawn from fixed seeds.

import { SETTINGS } from '../../src/config/settings';
import {
  adviceFor,
  CAPACITY_WEIGHTS,
  type RoutedContact,
  type RoutingAgent,
  type RoutingSteps,
} from '../../src/contact/rules/routing';

/** What is assumed of customers and agents; nothing of it was measured at a retailer. */
export const ASSUMED = {
  agents: 12,
  topics: ['LATE_ORDER', 'REFUND', 'PRODUCT', 'ACCOUNT'],
  /** Share of contacts, and median seconds of handling; times are log-normal with this sigma. */
  channels: [
    { channel: 'PHONE', share: 0.4, seconds: 300 },
    { channel: 'CHAT', share: 0.35, seconds: 600 },
    { channel: 'EMAIL', share: 0.25, seconds: 480 },
  ],
  sigma: 0.6,
  languages: [
    { language: 'fr', share: 0.8, speakEvery: 1 },
    { language: 'en', share: 0.15, speakEvery: 2 },
    { language: 'de', share: 0.05, speakEvery: 4 },
  ],
  shops: 4,
  /** Share of the capacity that new contacts take if agents with skill and language handle them. */
  utilisation: 0.45,
  /** What multiplies the time of handling. */
  slower: { withoutSkill: 1.25, withoutLanguage: 1.25, knowsCase: 0.8 },
  /** Chance that a contact resolves its case. */
  resolves: { least: 0.5, skill: 0.2, language: 0.15, knowsCase: 0.1 },
  /** Unresolved cases come back after so many seconds on average, with so many contacts at most. */
  returnSeconds: 7_200,
  maxContacts: 5,
} as const;

/** The default settings. */
export const STEPS: RoutingSteps = {
  CASE: SETTINGS.ROUTE_CASE_SECONDS.default,
  SKILL: SETTINGS.ROUTE_SKILL_SECONDS.default,
  LANGUAGE: SETTINGS.ROUTE_LANGUAGE_SECONDS.default,
  CUSTOMER: SETTINGS.ROUTE_CUSTOMER_SECONDS.default,
  SHOP: SETTINGS.ROUTE_SHOP_SECONDS.default,
  PREFERENCE: SETTINGS.ROUTE_PREFERENCE_SECONDS.default,
};

/** Random numbers of 0 to 1 from a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function drawn<T extends { share: number }>(random: number, of: readonly T[]): T {
  let left = random;
  for (const one of of) {
    left -= one.share;
    if (left < 0) return one;
  }
  return of.at(-1)!;
}

/** One thing that a customer wants; its draws are the same whoever serves it. */
interface SimulatedCase {
  at: number;
  channel: (typeof ASSUMED.channels)[number]['channel'];
  topic: string;
  language: string;
  shop: number;
  /** By contact: seconds by an agent with skill and language, the draw of its resolution, and seconds until the next one. */
  contacts: { seconds: number; draw: number; returns: number }[];
}

const exponential = (random: () => number, mean: number): number => -mean * Math.log(1 - random());
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** The cases of one seed. */
export function casesOf(seed: number, count: number): SimulatedCase[] {
  const random = randomOf(seed);
  const { channels, sigma, agents, utilisation } = ASSUMED;
  const units = channels.reduce(
    (sum, { channel, share, seconds }) =>
      sum + share * CAPACITY_WEIGHTS[channel] * seconds * Math.exp(sigma ** 2 / 2),
    0,
  );
  const gap = units / (agents * 10 * utilisation);
  let at = 0;
  return Array.from({ length: count }, () => {
    at += exponential(random, gap);
    const { channel, seconds } = drawn(random(), channels);
    return {
      ...{ at, channel },
      topic: ASSUMED.topics[Math.floor(random() * ASSUMED.topics.length)]!,
      language: drawn(random(), ASSUMED.languages).language,
      shop: Math.floor(random() * ASSUMED.shops),
      contacts: Array.from({ length: ASSUMED.maxContacts }, () => ({
        seconds: seconds * Math.exp(sigma * normal(random)),
        draw: random(),
        returns: exponential(random, ASSUMED.returnSeconds),
      })),
    };
  });
}

/** The team: each agent has two of the topics, everybody speaks the first language. */
export const teamOf = (): RoutingAgent[] =>
  Array.from({ length: ASSUMED.agents }, (_, i) => ({
    id: i + 1,
    code: `agent-${String(i + 1).padStart(2, '0')}`,
    skills: [0, 1].map((n) => ASSUMED.topics[(i + n) % ASSUMED.topics.length]!),
    languages: ASSUMED.languages.flatMap((one) => (i % one.speakEvery === 0 ? [one.language] : [])),
    channels: [],
    capacity: 10,
    locationId: i % ASSUMED.shops,
    load: 0,
  }));

/** A contact that waits, or is served. */
export interface SimulatedContact {
  of: SimulatedCase;
  /** Which contact of its case it is, from 0. */
  index: number;
  arrivedAt: number;
  knownBy: Set<number>;
  /** When the policy is asked again although nothing happened. */
  retryAt: number;
}
/** What a policy answers: an agent, or when it wants to be asked again if nothing else happens. */
type Choice = { agent: RoutingAgent } | { retryAfter: number | null };
export interface RoutingPolicy {
  name: string;
  /** A fresh policy for a run over this team. */
  start(team: readonly RoutingAgent[]): (contact: SimulatedContact, now: number) => Choice;
}

const fits = (agent: RoutingAgent, { of }: SimulatedContact): boolean =>
  agent.load + CAPACITY_WEIGHTS[of.channel] <= agent.capacity;

const roundRobin: RoutingPolicy = {
  name: 'round-robin',
  start(team) {
    let next = 0;
    return (contact) => {
      for (let i = 0; i < team.length; i++) {
        const agent = team[(next + i) % team.length]!;
        if (!fits(agent, contact)) continue;
        next = (next + i + 1) % team.length;
        return { agent };
      }
      return { retryAfter: null };
    };
  },
};

/** Who was given nothing longest; with `skilledFirst` among those with skill and language, if one of them is free. */
const longestIdle = (name: string, skilledFirst: boolean): RoutingPolicy => ({
  name,
  start(team) {
    const lastGiven = new Map(team.map(({ id }) => [id, -1]));
    return (contact, now) => {
      const free = team.filter((agent) => fits(agent, contact));
      const { topic, language } = contact.of;
      const skilled = free.filter(
        ({ skills, languages }) => skills.includes(topic) && languages.includes(language),
      );
      const among = skilledFirst && skilled.length > 0 ? skilled : free;
      if (among.length === 0) return { retryAfter: null };
      const agent = among.reduce((a, b) => (lastGiven.get(b.id)! < lastGiven.get(a.id)! ? b : a));
      lastGiven.set(agent.id, now);
      return { agent };
    };
  },
});

const routeContact: RoutingPolicy = {
  name: 'routeContact',
  start: (team) => (contact, now) => {
    const { channel, topic, language, shop } = contact.of;
    const routed: RoutedContact = {
      ...{ channel, skill: topic, language, isSkillHard: false, isLanguageHard: false },
      ...{ locationId: shop, preferredLocationId: null, waitingSeconds: now - contact.arrivedAt },
      ...{ caseAgents: contact.knownBy, customerAgents: contact.knownBy },
    };
    const { advised, retryAfterSeconds } = adviceFor(routed, team, STEPS);
    return advised === null ? { retryAfter: retryAfterSeconds } : { agent: advised.agent };
  },
};

export const POLICIES: readonly RoutingPolicy[] = [
  roundRobin,
  longestIdle('longest idle', false),
  longestIdle('longest idle, skilled first', true),
  routeContact,
];
