// Looks up the callers of tokens, and limits unknown tokens per address.

import { callerByHash, isKnownWrong, wasGoodLately } from '../access/queries/callers';
import type { Caller } from '../access/rules/roles';
import type { Parts } from '../graphql/context';
import type { RateState, Rates } from './rates';

/** More was sent than a rate allows. */
export class OverRate extends Error {
  constructor(readonly state: RateState) {
    super(state.name);
  }
}

/**
 * Looks callers up. Where an address has sent too many unknown tokens, one that was not valid recently is not looked up;
 * clients behind the same address with recently valid tokens are still admitted.
 */
export class SignIns {
  /** Lookups under way: concurrent requests with one token count as one guess. */
  readonly #guesses = new Map<string, Promise<Caller | null>>();

  constructor(
    private readonly parts: Pick<Parts, 'db' | 'clock'>,
    private readonly rates: Rates,
  ) {}

  /** The caller of the token with this hash; null when it is not good. @throws OverRate past the limit of unknown tokens */
  callerOf(hash: string, address: string): Promise<Caller | null> {
    const { db } = this.parts;
    // The same wrong token again is no further guess: a device with an expired token repeats it for days.
    if (wasGoodLately(hash) || isKnownWrong(db, hash)) return this.#lookUp(hash);
    let guess = this.#guesses.get(hash);
    if (guess === undefined) {
      guess = this.#guess(hash, address).finally(() => this.#guesses.delete(hash));
      this.#guesses.set(hash, guess);
    }
    return guess;
  }

  #lookUp(hash: string): Promise<Caller | null> {
    return callerByHash(this.parts.db, hash, this.parts.clock());
  }

  async #guess(hash: string, address: string): Promise<Caller | null> {
    const state = await this.rates.count('wrong-token', address);
    if (state?.isExceeded) throw new OverRate(state);
    let isWrong = false;
    try {
      const caller = await this.#lookUp(hash);
      isWrong = caller === null;
      return caller;
    } finally {
      if (!isWrong) void this.rates.uncount('wrong-token', address);
    }
  }
}
