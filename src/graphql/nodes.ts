// The field `nodes`: many objects by their global ids, each id answered or refused at its own place.

import { checkCount } from '../refusals';
import { MAX_NODES } from './limits';

/** A decoded id, or why it is none. */
export type DecodedId = { id: unknown; typename: string } | Error;

/**
 * Loads the nodes behind the ids in `args`, in their order: null for an object that is not there, an error at its place
 * for an id that is none. @throws Refused InvalidInput for too many
 */
export async function resolveNodesInPlace(
  _root: unknown,
  args: { ids: (DecodedId | null)[] },
  _context: unknown,
  _info: unknown,
  load: (ids: unknown[]) => Promise<unknown[]>,
): Promise<unknown[]> {
  const decoded = args.ids;
  checkCount(decoded, 'ids', MAX_NODES, 0);
  // Relay's loader reads the ids from the arguments, not from what it is given; null is answered with null.
  args.ids = decoded.map((id) => (id instanceof Error ? null : id));
  const nodes = await load(args.ids);
  return nodes.map((node, i) => (decoded[i] instanceof Error ? decoded[i] : node));
}
