// Cache of parsed queries: the recently used ones are kept while the sum of their texts is below a limit.

import { LRUCache } from 'lru-cache';

/** Characters of all texts kept. A parsed query takes up to 120 bytes a character, with its tokens: 60 MB at the most. */
const CACHED_CHARACTERS = 500_000;
/** Longer texts are parsed each time: one such query would evict hundreds of others. */
const MAX_CACHED_TEXT = 20_000;

/** A least-recently-used cache by the text of a query, limited in size. */
export const documentCache = <T extends object>(): LRUCache<string, T> =>
  new LRUCache({
    maxSize: CACHED_CHARACTERS,
    maxEntrySize: MAX_CACHED_TEXT,
    sizeCalculation: (_document, text) => Math.max(1, text.length),
  });
