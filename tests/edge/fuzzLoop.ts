// Sends hostile requests, judges every answer, shrinks what failed, and keeps the tally.

import fc from 'fast-check';
import type { Role } from '../../src/access/rules/roles';
import { changedTables, fingerprint, sweptSince } from './fuzzBooks';
import type { FuzzAnswer, FuzzClient } from './fuzzClient';
import { Dice, SeenIds } from './fuzzDice';
import { faults, kindsOf, refusalsIn, toldBy } from './fuzzJudge';
import { ROLES, type Sending } from './fuzzPost';
import { makeSending } from './fuzzSendings';
import type { Shop } from './fuzzShop';

/** Requests after which every location is opened again. */
const REOPEN = 2_000;
/** One of so many requests is sent alone, with the tables looked at before and after. */
const ALONE = 100;
const SHRINK_MS = 15_000;
const SLOWEST = 12;
const LONG_MS = 100;
const MAX_FOUND = 40;

export interface Finding {
  faults: string[];
  request: string;
  answer: string;
}
interface Slow {
  ms: number;
  name: string;
  way: string;
  body: string;
}

const brief = (text: string, length = 1_500): string =>
  text.length > length ? `${text.slice(0, length)}… (${text.length})` : text;
const shown = ({ name, way, who, method, path, headers, body, bytes }: Sending, length?: number): string =>
  brief(
    `${name} (${way}, ${who}): ${method} ${brief(path, 300)} ${brief(JSON.stringify(headers), 400)} ${(body ?? bytes ?? '').toString()}`,
    length,
  );

export interface FuzzOptions {
  seed: number;
  requests: number;
  connections: number;
  /** Called after each so many answers. */
  every?: { requests: number; do(answered: number): Promise<void> };
}

export class Fuzzer {
  readonly kinds = new Map<string, number>();
  readonly found: Finding[] = [];
  /** How often a fault that was shrunk came again. */
  readonly again = new Map<string, number>();
  slowest: Slow[] = [];
  /** When those were under way that took long, for whoever watches the program. */
  readonly spans: { from: number; to: number; request: string }[] = [];
  answered = 0;
  readonly #seen = new SeenIds();
  #underWay = 0;
  #alone: Promise<void> | null = null;

  constructor(
    private readonly client: FuzzClient,
    private readonly shop: Shop,
  ) {}

  /** Sends them all. */
  async run({ seed, requests, connections, every }: FuzzOptions): Promise<void> {
    await this.shop.open();
    for (const role of ROLES) await this.shop.renew(role);
    const share = Math.ceil(requests / connections);
    let next = every?.requests ?? Number.POSITIVE_INFINITY;
    const rest = async (): Promise<void> => {
      if (this.answered < next) return;
      next += every!.requests;
      await this.#whileQuiet(() => every!.do(this.answered));
    };
    const lanes = Array.from({ length: connections }, (_, lane) =>
      this.#lane(seed + lane * 1_000_003, share, rest),
    );
    await Promise.all(lanes);
  }

  /** One client after the other: what fails is shrunk by fast-check, and then it goes on. */
  async #lane(seed: number, requests: number, rest: () => Promise<void>): Promise<void> {
    let left = requests;
    for (let lap = 0; left > 0 && this.found.length < MAX_FOUND; lap += 1) {
      let smallest: Finding | null = null;
      let deadline = Number.POSITIVE_INFINITY;
      const property = fc.asyncProperty(fc.gen(), async (gen) => {
        if (performance.now() > deadline) return true;
        if (smallest === null) left -= 1;
        const finding = await this.#one(new Dice(gen));
        if (smallest === null) await rest();
        const sign = finding?.faults.join('; ') ?? '';
        if (finding === null || (smallest !== null && smallest.faults.join('; ') !== sign)) return true;
        if (smallest === null && this.again.has(sign)) {
          this.again.set(sign, this.again.get(sign)! + 1);
          return true;
        }
        if (smallest === null) deadline = performance.now() + SHRINK_MS;
        this.again.set(sign, 0);
        smallest = finding;
        return false;
      });
      await fc.check(property, { seed: seed + lap, numRuns: left, unbiased: true });
      if (smallest !== null) this.found.push(smallest);
    }
  }

  /** Waits until nothing is under way, and lets nothing begin before it is done. */
  async #whileQuiet<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== null) await this.#alone;
    let open: () => void = () => {};
    this.#alone = new Promise((resolve) => {
      open = resolve;
    });
    while (this.#underWay > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    try {
      return await work();
    } finally {
      this.#alone = null;
      open();
    }
  }

  async #one(dice: Dice): Promise<Finding | null> {
    const sending = makeSending(dice, this.#seen);
    if (this.answered % REOPEN === REOPEN - 1) await this.#whileQuiet(() => this.shop.open());
    if (this.answered % ALONE === 0) return this.#whileQuiet(() => this.#sendAlone(sending));
    while (this.#alone !== null) await this.#alone;
    this.#underWay += 1;
    try {
      return await this.#send(sending);
    } finally {
      this.#underWay -= 1;
    }
  }

  /** A request that was refused, or only asked, changes nothing. */
  async #sendAlone(sending: Sending): Promise<Finding | null> {
    const { db } = this.shop;
    const before = await fingerprint(db);
    const { last } = await sweptSince(db, null);
    const heard: { told?: ReturnType<typeof toldBy>; text: string } = { text: '' };
    const finding = await this.#send(sending, (answer) => {
      heard.told = toldBy(answer);
      heard.text = answer.text;
    });
    if (finding) return finding;
    const answers = Object.keys(heard.told?.data ?? {}).length;
    const refused = refusalsIn(heard.told ?? null);
    // A wrong code is counted, that it cannot be tried forever.
    if (refused.includes('WrongPickupCode')) return null;
    const asksOnly = !/mutation/.test((sending.body ?? '').toString());
    // An error deeper than the command is about what was asked of its answer.
    // With several acts in one request, one that cannot be answered takes the others' answers with it.
    const several = /\bb\d: /.test((sending.body ?? '').toString());
    const errors = heard.told?.errors ?? [];
    const acted = errors.some(({ path }) => several || (path?.length ?? 0) > 1);
    if (!asksOnly && (acted || answers > refused.length)) return null;
    const changed = changedTables(before, await fingerprint(db));
    if (changed.length === 0 || (await sweptSince(db, last)).swept) return null;
    return this.#finding([`refused, yet it changed ${changed.join(', ')}`], sending, heard.text);
  }

  async #send(sending: Sending, tell: (heard: FuzzAnswer) => void = () => {}): Promise<Finding | null> {
    const token = await this.shop.token(sending.who);
    const from = Date.now();
    let heard: FuzzAnswer;
    try {
      heard = await this.client.send(sending, token);
    } catch (error) {
      return this.#finding([`no answer: ${(error as Error).message}`], sending, '');
    } finally {
      const to = Date.now();
      if (to - from > LONG_MS) this.spans.push({ from, to, request: shown(sending, 400) });
      this.answered += 1;
    }
    tell(heard);
    for (const kind of [`way ${sending.way}`, ...kindsOf(heard)]) {
      this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    }
    this.#note(heard.ms, sending);
    const found = faults(sending, heard);
    if (heard.ms > this.client.patienceMs) found.push('it took too long');
    if (found.length > 0) return this.#finding(found, sending, heard.text);
    this.#seen.learn(toldBy(heard)?.data);
    // An administrator of the run revoked the token, or took the actor's role away.
    const role = ROLES.find((it) => it === sending.who);
    if (role && heard.status === 401 && !('authorization' in sending.headers))
      await this.shop.renew(role as Role);
    return null;
  }

  #finding(found: string[], sending: Sending, answer: string): Finding {
    return { faults: found, request: shown(sending), answer: brief(answer) };
  }

  #note(ms: number, sending: Sending): void {
    if (this.slowest.length === SLOWEST && ms < this.slowest.at(-1)!.ms) return;
    const slow = { ms: Math.round(ms), name: sending.name, way: sending.way, body: shown(sending, 700) };
    this.slowest = [...this.slowest, slow].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  }
}
