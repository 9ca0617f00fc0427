// Tokens turned into callers, with a limit for guesses: tokens that nobody has seen lately and that are not good.

import { callerByHash, wasGood } from '../access/queries';
import type { Caller } from '../access/rules';
import type { Parts } from '../graphql/context';
import type { Rates, RateTaken } from './rates';

/** More was sent than a rate allows. */
export class OverRate extends Error {
  constructor(readonly taken: RateTaken) {
    super(taken.name);
  }
}

/**
 * Looks callers up. Where an address has sent too many tokens that are not good, one that was not good lately is not even
 * looked up; those who work behind the same proxy are still let in with theirs.
 */
export class SignIns {
  /** Look-ups under way: what is asked at once with one token is one guess. */
  readonly #guesses = new Map<string, Promise<Caller | null>>();

  constructor(
    private readonly parts: Pick<Parts, 'db' | 'clock'>,
    private readonly rates: Rates,
  ) {}

  /** The caller of the token with this hash; null when it is not good. @throws OverRate past the limit of wrong tokens */
  callerOf(hash: string, address: string): Promise<Caller | null> {
    if (wasGood(hash)) return this.#lookUp(hash);
    let guessing = this.#guesses.get(hash);
    if (guessing === undefined) {
      guessing = this.#guess(hash, address).finally(() => this.#guesses.delete(hash));
      this.#guesses.set(hash, guessing);
    }
    return guessing;
  }

  #lookUp(hash: string): Promise<Caller | null> {
    return callerByHash(this.parts.db, hash, this.parts.clock());
  }

  async #guess(hash: string, address: string): Promise<Caller | null> {
    const taken = await this.rates.take('wrong-token', address);
    if (!taken.allowed) throw new OverRate(taken);
    let isWrong = false;
    try {
      const caller = await this.#lookUp(hash);
      isWrong = caller === null;
      return caller;
    } finally {
      if (!isWrong) void this.rates.giveBack('wrong-token', address);
    }
  }
}
