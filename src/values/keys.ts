// Keys for maps and loaders.

/** The key of a SKU at a location; the database's notices about stock use the same text. */
export function shelfKey({ locationId, skuId }: { locationId: number; skuId: number }): string {
  return `${locationId}:${skuId}`;
}

/** The key of a SKU at a location as one sales channel sees it. */
export function channelShelfKey(key: { locationId: number; skuId: number; channel: string }): string {
  return `${shelfKey(key)}:${key.channel}`;
}
