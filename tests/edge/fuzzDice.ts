// What decides in the fuzzer, drawn from fast-check so that a failing request is shrunk; and the keys that answers gave.

import fc, { type GeneratorValue } from 'fast-check';

const RANGE = 2 ** 31;
/** Builders that `gen` knows again; made in place they would be a new arbitrary each time. */
const draw = () => fc.nat({ max: RANGE - 1 });
const unicode = () => fc.string({ unit: 'binary', maxLength: 60 });
const graphemes = () => fc.string({ unit: 'grapheme', maxLength: 60 });
/** Halves of characters too, which no string of whole ones holds. */
const units = () =>
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes));
const json = () => fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' });
const keys = () =>
  fc.dictionary(
    fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      'then',
      'kind',
      'id',
    ),
    fc.jsonValue({ maxDepth: 2 }),
    { noNullPrototype: false },
  );
const double = () => fc.double();
const TEXTS = [unicode, graphemes, units];
const FREE = [json, json, keys];

/** Decisions of one request. The smallest draws make the simplest request: that is what fast-check shrinks to. */
export class Dice {
  constructor(private readonly gen: GeneratorValue) {}
  /** 0 to below 1. */
  next(): number {
    return this.gen(draw) / RANGE;
  }
  chance(p: number): boolean {
    return p >= 1 || this.next() >= 1 - p;
  }
  /** 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
  shuffled<T>(from: readonly T[]): T[] {
    const all = [...from];
    for (let i = all.length - 1; i > 0; i -= 1) {
      const j = i - this.below(i + 1);
      [all[i], all[j]] = [all[j]!, all[i]!];
    }
    return all;
  }
  /** Any text: of all of Unicode, of what people see as characters, or of halves of them. */
  text(): string {
    return this.gen(this.pick(TEXTS));
  }
  /** Any value that JSON can say, also under the names that objects have of their own. */
  free(): unknown {
    return this.gen(this.pick(FREE));
  }
  double(): number {
    return this.gen(double);
  }
}

/** What one key of an answer is kept as. */
const KEPT: Record<string, string> = {
  cursor: 'cursor',
  endCursor: 'cursor',
  number: 'number',
  pickupCode: 'code',
  holder: 'holder',
  key: 'key',
};

/** Keys that answers gave, for later requests to reach deep: ids by type, and codes and numbers by name. */
export class SeenIds {
  readonly #ids = new Map<string, string[]>();
  readonly #texts = new Map<string, string[]>();

  #keep(map: Map<string, string[]>, name: string, value: string): void {
    const its = map.get(name) ?? [];
    if (its.includes(value)) return;
    its.push(value);
    // The newest are the ones that are still in a state to be acted on.
    map.set(name, its.slice(-12));
  }
  ids(typename: string): readonly string[] {
    return this.#ids.get(typename) ?? [];
  }
  texts(name: string): readonly string[] {
    return this.#texts.get(name) ?? [];
  }
  /** Gathers what an answer holds. */
  learn(value: unknown, name = ''): void {
    if (Array.isArray(value)) for (const item of value.slice(0, 20)) this.learn(item, name);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) this.learn(item, key.replace(/^a\d+_/, ''));
    } else if (typeof value === 'string') {
      if (name === 'id') {
        this.#keep(this.#ids, Buffer.from(value, 'base64').toString().split(':')[0]!, value);
      } else if (KEPT[name] !== undefined) this.#keep(this.#texts, KEPT[name], value);
    }
  }
}
