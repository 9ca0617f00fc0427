// Keys of maps, of loaders and of pages.

/** The key of a SKU at a location; the database's notices about stock use the same text. */
export function shelfKey({ locationId, skuId }: { locationId: number; skuId: number }): string {
  return `${locationId}:${skuId}`;
}

/** The key of a SKU at a location as one sales channel sees it. */
export function channelShelfKey(key: { locationId: number; skuId: number; channel: string }): string {
  return `${shelfKey(key)}:${key.channel}`;
}

/** A page of a list in the order of a key: at most `limit` rows beyond it, in falling order when it is read backwards. */
export interface KeysetPage<K> {
  /** Null: from the beginning, or from the end backwards. */
  beyond: K | null;
  backwards: boolean;
  limit: number;
}
