// One run of the routing simulation: events in the order of their times, and what comes of them.

import { CAPACITY_WEIGHTS, type RoutingAgent } from '../../src/contact/rules/routing';
import { ASSUMED, casesOf, type RoutingPolicy, type SimulatedContact, teamOf } from './routingSimulation';

/** What a run observed. */
export interface RoutingOutcome {
  /** Seconds that each contact waited, in the order in which they were served. */
  waits: number[];
  cases: number;
  /** Cases that their first contact resolved. */
  firstResolved: number;
  /** Seconds by units of work of each agent. */
  work: number[];
  /** The most units of work that an agent had at once. */
  mostLoad: number;
  /** Contacts that were never served. */
  unserved: number;
}

type SimulatedEvent =
  | { at: number; order: number; kind: 'ARRIVAL'; contact: SimulatedContact }
  | { at: number; order: number; kind: 'END'; contact: SimulatedContact; agent: RoutingAgent }
  | { at: number; order: number; kind: 'RETRY' };

/** Events by time, equal times in the order in which they were added. */
class EventQueue {
  readonly #heap: SimulatedEvent[] = [];
  #added = 0;

  add(event: DistributiveOmit<SimulatedEvent, 'order'>): void {
    const heap = this.#heap;
    heap.push({ ...event, order: this.#added++ } as SimulatedEvent);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i]!, heap[parent]!)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  next(): SimulatedEvent | null {
    const heap = this.#heap;
    const [first] = heap;
    if (first === undefined) return null;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let i = 0; ; ) {
      const children = [2 * i + 1, 2 * i + 2].filter((child) => child < heap.length);
      const least = children.reduce((a, b) => (isBefore(heap[b]!, heap[a]!) ? b : a), i);
      if (least === i) return first;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  }
}
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
const isBefore = (a: SimulatedEvent, b: SimulatedEvent): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

/** How long an agent needs for a contact, and whether it resolves the case. */
function handled({ of, index, knownBy }: SimulatedContact, agent: RoutingAgent) {
  const { seconds, draw } = of.contacts[index]!;
  const { slower, resolves } = ASSUMED;
  const hasSkill = agent.skills.includes(of.topic);
  const speaks = agent.languages.includes(of.language);
  const knows = knownBy.has(agent.id);
  const factor =
    (hasSkill ? 1 : slower.withoutSkill) *
    (speaks ? 1 : slower.withoutLanguage) *
    (knows ? slower.knowsCase : 1);
  const chance =
    resolves.least +
    (hasSkill ? resolves.skill : 0) +
    (speaks ? resolves.language : 0) +
    (knows ? resolves.knowsCase : 0);
  return { seconds: seconds * factor, isResolved: draw < chance };
}

/** Serves the cases of one seed by one policy. */
export function simulate(policy: RoutingPolicy, seed: number, count: number): RoutingOutcome {
  const team = teamOf();
  const choose = policy.start(team);
  const events = new EventQueue();
  const work = new Map(team.map(({ id }) => [id, 0]));
  const outcome = { waits: [] as number[], cases: count, firstResolved: 0, mostLoad: 0 };
  let waiting: SimulatedContact[] = [];
  for (const of of casesOf(seed, count))
    events.add({
      ...{ at: of.at, kind: 'ARRIVAL' },
      contact: { of, index: 0, arrivedAt: of.at, knownBy: new Set(), retryAt: 0 },
    });

  const serve = (contact: SimulatedContact, agent: RoutingAgent, now: number): void => {
    const weight = CAPACITY_WEIGHTS[contact.of.channel];
    const { seconds } = handled(contact, agent);
    agent.load += weight;
    outcome.mostLoad = Math.max(outcome.mostLoad, agent.load);
    work.set(agent.id, work.get(agent.id)! + weight * seconds);
    outcome.waits.push(now - contact.arrivedAt);
    events.add({ at: now + seconds, kind: 'END', contact, agent });
  };
  const end = (contact: SimulatedContact, agent: RoutingAgent, now: number): void => {
    agent.load -= CAPACITY_WEIGHTS[contact.of.channel];
    const { of, index, knownBy } = contact;
    const { isResolved } = handled(contact, agent);
    if (isResolved && index === 0) outcome.firstResolved++;
    if (isResolved || index + 1 >= of.contacts.length) return;
    const at = now + of.contacts[index]!.returns;
    const known = { knownBy: new Set([...knownBy, agent.id]), retryAt: 0 };
    events.add({ at, kind: 'ARRIVAL', contact: { of, index: index + 1, arrivedAt: at, ...known } });
  };
  for (let event = events.next(); event !== null; event = events.next()) {
    const now = event.at;
    if (event.kind === 'ARRIVAL') waiting.push(event.contact);
    if (event.kind === 'END') end(event.contact, event.agent, now);
    // First come, first served; who waits for somebody lets the others pass.
    waiting = waiting.filter((contact) => {
      const choice = choose(contact, now);
      if ('agent' in choice) serve(contact, choice.agent, now);
      else if (choice.retryAfter !== null && contact.retryAt <= now) {
        // Whole seconds, and one event for each contact: a step that ends by less than the last digit of a clock would never end.
        contact.retryAt = now + Math.max(1, Math.ceil(choice.retryAfter));
        events.add({ at: contact.retryAt, kind: 'RETRY' });
      }
      return !('agent' in choice);
    });
  }
  return { ...outcome, work: [...work.values()], unserved: waiting.length };
}
