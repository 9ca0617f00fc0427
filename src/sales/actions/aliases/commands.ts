// upsertSkuAliases and removeSkuAliases: codes that stand for a SKU; every input that takes a SKU code resolves them.

import { type Command, defineCommand } from '../../../access/actions/execute';
import { StaleCode } from '../../../db/codes';
import type { Tx } from '../../../db/pool';
import { notFound } from '../../../refusals';
import { refuseAliasOfItself } from '../../rules/aliases';
import { moveHistory, moveSettings } from './follow';
import { moveStock } from './stock';

export interface AliasInput {
  code: string;
  skuId: number;
}

// Serialises alias commands with imports of the catalog, and blocks writers of sales while lines change their SKU.
const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtext('comptoir catalog'))`;
const LOCK_FEEDS = `
  SELECT pg_advisory_xact_lock(hashtext('comptoir sales feed'), id)
  FROM (SELECT id FROM sales_feed ORDER BY id) f`;
// Lines are searched through for the code's SKU; a SKU changes its code rarely.
const TAKE_TIME = `SELECT set_config('statement_timeout', '300000', true)`;

const TARGETS = 'SELECT id, code, replaced_by_id AS "replacedById" FROM sku WHERE id = ANY($1::int[])';
const FORMER = `
  SELECT s.id AS "oldId", s.code AS "oldCode", k.sku_id AS "newId", n.code AS "newCode",
         s.replaced_by_id AS "replacedById"
  FROM unnest($1::text[], $2::int[]) AS k(code, sku_id) JOIN sku s ON s.code = k.code JOIN sku n ON n.id = k.sku_id
  ORDER BY s.id`;
const UPSERT = `
  INSERT INTO sku_alias AS a (code, sku_id, created_at)
  SELECT code, sku_id, $3 FROM unnest($1::text[], $2::int[]) AS k(code, sku_id) ORDER BY code
  ON CONFLICT (code) DO UPDATE SET sku_id = EXCLUDED.sku_id WHERE a.sku_id <> EXCLUDED.sku_id`;
// Codes that stood for a SKU which is replaced now stand for the one that replaces it, so that there are no chains.
const FOLLOW = `
  UPDATE sku_alias a SET sku_id = r.new_id FROM unnest($1::int[], $2::int[]) AS r(old_id, new_id)
  WHERE a.sku_id = r.old_id`;

/** What the aliases changed: daily facts and units that went to the SKUs that the codes stand for. */
export interface AliasesDone {
  moved: number;
  unitsMoved: number;
  codes: string[];
}

interface FormerSku {
  oldId: number;
  oldCode: string;
  newId: number;
  newCode: string;
  replacedById: number | null;
}

/**
 * The SKUs that the codes stand for in the end: a SKU named here may have a code that becomes an alias with the same
 * request. @throws Refused InvalidInput for a code that would stand for itself
 */
async function targetsOf(tx: Tx, aliases: readonly AliasInput[]): Promise<number[]> {
  const rows = await tx.rows<{ id: number; code: string; replacedById: number | null }>(TARGETS, [
    aliases.map((a) => a.skuId),
  ]);
  if (rows.some((row) => row.replacedById !== null)) throw new StaleCode('a SKU was replaced meanwhile');
  const codes = new Map(rows.map((row) => [row.id, row.code]));
  const request = new Map(aliases.map((a) => [a.code, a.skuId]));
  return aliases.map(({ code, skuId }, i) => {
    const seen = new Set([code]);
    let id = skuId;
    for (;;) {
      const target = codes.get(id)!;
      if (seen.has(target)) refuseAliasOfItself(code, i);
      seen.add(target);
      const next = request.get(target);
      if (next === undefined) return id;
      id = next;
    }
  });
}

/**
 * Sets which SKUs these codes stand for; their codes and SKUs are followed to the end of chains (`followAliases`). Where a
 * code was a SKU of its own, that one's stock, history, rules and offers go to the SKU, and it leaves the catalog.
 * @throws Refused InvalidInput, SkuInUse while units are promised or on their way under the code
 */
export const upsertSkuAliases = defineCommand(
  'upsertSkuAliases',
  async (tx: Tx, command: Command<{ aliases: AliasInput[] }>): Promise<AliasesDone> => {
    const { input, now, commandId } = command;
    const codes = input.aliases.map((a) => a.code);
    await tx.rows(TAKE_TIME);
    await tx.rows(TAKE_TURNS);
    await tx.rows(LOCK_FEEDS);
    const skuIds = await targetsOf(tx, input.aliases);
    const former = await tx.rows<FormerSku>(FORMER, [codes, skuIds]);
    let moved = 0;
    // Before the shelves are locked, as it can take minutes. One replaced before has no history of its own.
    for (const { oldId, newId, replacedById } of former)
      if (replacedById === null) moved += await moveHistory(tx, oldId, newId);
    const unitsMoved = former.length > 0 ? await moveStock(tx, { commandId, now }, former) : 0;
    for (const one of former) await moveSettings(tx, now, one);
    await tx.rows(UPSERT, [codes, skuIds, now]);
    await tx.rows(FOLLOW, [former.map((f) => f.oldId), former.map((f) => f.newId)]);
    return { moved, unitsMoved, codes };
  },
);

const REMOVE = 'DELETE FROM sku_alias WHERE code = ANY($1::text[]) RETURNING code';

/**
 * Removes aliases: the codes stand for nothing, or for the SKUs of their own again, which are in the catalog if they
 * were before. What had moved stays where it is. @throws Refused NotFound naming the codes that are no aliases
 */
export const removeSkuAliases = defineCommand(
  'removeSkuAliases',
  async (tx: Tx, { input }: Command<{ codes: string[]; sent: string[] }>): Promise<{ removed: number }> => {
    await tx.rows(TAKE_TURNS);
    const removed = new Set((await tx.rows<{ code: string }>(REMOVE, [input.codes])).map((row) => row.code));
    const keys = input.sent.filter((_, i) => !removed.has(input.codes[i]!));
    if (keys.length > 0) {
      throw notFound('SkuAlias', keys);
    }
    return { removed: removed.size };
  },
);
