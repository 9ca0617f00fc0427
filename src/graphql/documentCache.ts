// Cache of parsed queries: the recently used ones are kept while the sum of their texts is below a limit.

/** Characters of all texts kept. A parsed query takes up to 120 bytes a character, with its tokens: 60 MB at the most. */
const MAX_CHARACTERS = 500_000;
/** Longer texts are parsed each time: one such query would put out hundreds of others. */
const MAX_TEXT = 20_000;

/** A cache by the text of a query, which forgets what was not requested longest when it would hold too much. */
export class DocumentCache<T> {
  // A map gives its entries in the order in which they were set: first what was requested longest ago.
  readonly #kept = new Map<string, T>();
  #characters = 0;

  get(text: string): T | undefined {
    const value = this.#kept.get(text);
    if (value === undefined) return undefined;
    this.#kept.delete(text);
    this.#kept.set(text, value);
    return value;
  }

  set(text: string, value: T): void {
    if (text.length > MAX_TEXT) return;
    if (!this.#kept.delete(text)) this.#characters += text.length;
    this.#kept.set(text, value);
    for (const oldest of this.#kept.keys()) {
      if (this.#characters <= MAX_CHARACTERS) return;
      this.#kept.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}
