// Shared inputs of stock mutations: the location, the SKUs, and the note.

import { skuIdsByCode } from '../../catalog/queries/skus';
import type { Context } from '../../graphql/context';
import { resolveUnitsAt } from '../../location/queries/labels';
import { locationIdsByCode } from '../../location/queries/locations';
import { optionalNote, typedNote } from '../../values/typedText';

const MAX_NOTE = 500;

/** A note as it is stored: null when none was given. @throws Refused InvalidInput */
export function noteOf(note: string | null | undefined, path: string): string | null {
  return optionalNote(note, path, MAX_NOTE);
}

/** A required text. @throws Refused InvalidInput */
export function reasonOf(reason: string, path: string): string {
  return typedNote(reason, path, MAX_NOTE, 1);
}

/** The location and the lines of a request with ids instead of codes, in their order. @throws Refused NotFound */
export async function resolveLocationLines<L extends { sku: string }>(
  context: Context,
  location: string,
  lines: readonly L[],
): Promise<{ locationId: number; locationCode: string; lines: (L & { skuId: number })[] }> {
  const skuIds = await skuIdsByCode(
    context.db,
    lines.map((l) => l.sku),
  );
  const locationIds = await locationIdsByCode(context.db, [location]);
  return {
    locationId: locationIds.get(location)!,
    locationCode: location,
    lines: lines.map((line) => ({ ...line, skuId: skuIds.get(line.sku)! })),
  };
}

/** The same for lines of units: of a scanned case, the quantity counts cases and becomes units. @throws Refused NotFound, InvalidInput */
export async function resolveLocationUnits<L extends { sku: string; quantity: number }>(
  context: Context,
  location: string,
  lines: readonly L[],
): Promise<{ locationId: number; locationCode: string; lines: (L & { skuId: number })[] }> {
  const resolved = await resolveUnitsAt(context.db, location, lines);
  const locationIds = await locationIdsByCode(context.db, [location]);
  return { locationId: locationIds.get(location)!, locationCode: location, lines: resolved };
}
