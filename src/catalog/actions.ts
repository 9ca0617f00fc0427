// upsertSkus: creates and changes SKUs in bulk, for feeds and planners.

import { defineCommand } from '../access/actions/execute';
import type { Tx } from '../db/pool';
import { refuse } from '../refusals';
import { printedGtin } from './rules/codes';
import { type CompleteSku, mergeSku, type SkuInput } from './rules/sku';

/** What became of the SKUs; `ids` in the order of the request. Unchanged ones were not written. */
export interface SkusUpserted {
  ids: number[];
  created: number;
  updated: number;
  unchanged: number;
}

// What one request reads here another must not change before it is written: catalogs have one feed, so they take turns.
const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtext('comptoir catalog'))`;

const KNOWN = `
  SELECT id, code, gtin, name, category, attributes, pack_size AS "packSize", price_minor AS "amountMinor", currency,
         return_window_days AS "returnWindowDays", pick_position AS "pickPosition", max_line_units AS "maxUnitsPerLine", active,
         discontinued_on AS "discontinuedOn",
         coalesce((SELECT jsonb_agg(jsonb_build_object('gtin', f.gtin, 'units', f.units)) FROM sku_gtin f
                   WHERE f.sku_id = sku.id), '[]') AS "furtherGtins"
  FROM sku WHERE code = ANY($1::text[])`;

// A replaced SKU gives its GTIN to the one that replaces it.
const OWNERS = `
  SELECT s.code, s.gtin, n.code AS "replacedBy" FROM sku s LEFT JOIN sku n ON n.id = s.replaced_by_id
  WHERE s.gtin = ANY($1::text[]) AND s.code <> ALL($2::text[])
  UNION ALL
  SELECT s.code, f.gtin, NULL FROM sku_gtin f JOIN sku s ON s.id = f.sku_id
  WHERE f.gtin = ANY($1::text[]) AND s.code <> ALL($2::text[])`;

const ALIASES =
  'SELECT a.code, s.code AS sku FROM sku_alias a JOIN sku s ON s.id = a.sku_id WHERE a.code = ANY($1::text[])';

// A GTIN may move from one SKU to another in one request; the unique key is checked row by row.
const FREE_GTINS = 'UPDATE sku SET gtin = NULL WHERE code = ANY($1::text[])';

// Without the GTIN of known SKUs: to set a unique column is to lock its row against every move that refers to it, and
// batched commands and feeds would deadlock.
const UPSERT = `
  INSERT INTO sku AS k (code, gtin, name, category, attributes, pack_size, price_minor, currency, return_window_days,
                        pick_position, max_line_units, active, discontinued_on, created_at, updated_at)
  SELECT s.code, s.gtin, s.name, s.category, s.attributes, s."packSize", (s.price->>'amountMinor')::bigint,
         s.price->>'currency', s."returnWindowDays", s."pickPosition", s."maxUnitsPerLine", s.active, s."discontinuedOn",
         $2, $2
  FROM jsonb_to_recordset($1::jsonb) AS s(
    code text, gtin text, name text, category text, attributes jsonb, "packSize" int, price jsonb,
    "returnWindowDays" int, "pickPosition" text, "maxUnitsPerLine" int, active boolean, "discontinuedOn" date)
  ORDER BY s.code
  ON CONFLICT (code) DO UPDATE SET (name, category, attributes, pack_size, price_minor, currency,
                                    return_window_days, pick_position, max_line_units, active, discontinued_on,
                                    updated_at)
    = (EXCLUDED.name, EXCLUDED.category, EXCLUDED.attributes, EXCLUDED.pack_size, EXCLUDED.price_minor,
       EXCLUDED.currency, EXCLUDED.return_window_days, EXCLUDED.pick_position, EXCLUDED.max_line_units, EXCLUDED.active,
       EXCLUDED.discontinued_on, EXCLUDED.updated_at)
  WHERE (k.name, k.category, k.attributes, k.pack_size, k.price_minor, k.currency, k.return_window_days,
         k.pick_position, k.max_line_units, k.active, k.discontinued_on)
    IS DISTINCT FROM
        (EXCLUDED.name, EXCLUDED.category, EXCLUDED.attributes, EXCLUDED.pack_size, EXCLUDED.price_minor,
         EXCLUDED.currency, EXCLUDED.return_window_days, EXCLUDED.pick_position, EXCLUDED.max_line_units,
         EXCLUDED.active, EXCLUDED.discontinued_on)
  RETURNING id, code`;

const SET_GTINS = `
  UPDATE sku k SET gtin = n.gtin, updated_at = $3
  FROM unnest($1::text[], $2::text[]) AS n(code, gtin) WHERE k.code = n.code`;

const REMOVE_FURTHER = `
  DELETE FROM sku_gtin f USING sku s WHERE s.id = f.sku_id AND s.code = ANY($1::text[])`;
const INSERT_FURTHER = `
  INSERT INTO sku_gtin (gtin, sku_id, units, created_at)
  SELECT n.gtin, s.id, n.units, $2 FROM jsonb_to_recordset($1::jsonb) AS n(code text, gtin text, units int)
  JOIN sku s ON s.code = n.code ORDER BY n.gtin`;
const NOTE_CHANGED = 'UPDATE sku SET updated_at = $2 WHERE code = ANY($1::text[])';

type KnownRow = Omit<CompleteSku, 'price'> & {
  id: number;
  amountMinor: number | null;
  currency: string | null;
};

function factsOf({ id: _id, amountMinor, currency, ...facts }: KnownRow): CompleteSku {
  return { ...facts, price: amountMinor === null ? null : { amountMinor, currency: currency! } };
}

/**
 * Master data names the article itself, and that of a former code would overwrite its successor's.
 * @throws Refused InvalidInput naming the first code that is an alias
 */
async function refuseAliases(tx: Tx, skus: readonly SkuInput[]): Promise<void> {
  const rows = await tx.rows<{ code: string; sku: string }>(ALIASES, [skus.map((s) => s.code)]);
  const aliases = new Map(rows.map((row) => [row.code, row.sku]));
  for (const [i, { code }] of skus.entries()) {
    const sku = aliases.get(code);
    if (sku === undefined) continue;
    const path = `skus.${i}.code`;
    const advice = 'use that code, or remove the alias with removeSkuAliases';
    refuse('InvalidInput', `${path} '${code}' is an alias of SKU '${sku}'; ${advice}.`, { path });
  }
}

async function writeFurther(tx: Tx, skus: readonly CompleteSku[], now: Date): Promise<void> {
  const rows = skus.flatMap(({ code, furtherGtins }) =>
    furtherGtins.map((further) => ({ code, ...further })),
  );
  await tx.rows(INSERT_FURTHER, [JSON.stringify(rows), now]);
  await tx.rows(NOTE_CHANGED, [skus.map((s) => s.code), now]);
}

const gtinsOf = ({ gtin, furtherGtins }: Pick<CompleteSku, 'gtin' | 'furtherGtins'>): string[] => [
  ...(gtin === null ? [] : [gtin]),
  ...furtherGtins.map((further) => further.gtin),
];

/**
 * Returns the codes of replaced SKUs that pass their GTINs to their replacements.
 * @throws Refused GtinTaken when another SKU keeps one of these GTINs, or two SKUs of the input have the same
 */
async function refuseTaken(
  tx: Tx,
  skus: readonly CompleteSku[],
  before: ReadonlyMap<string, KnownRow>,
): Promise<string[]> {
  const hadBefore = new Map([...before].map(([code, row]) => [code, new Set(gtinsOf(row))]));
  const claims = skus.flatMap((s) => gtinsOf(s).map((gtin) => ({ sku: s.code, gtin })));
  const kept = claims.filter(({ sku, gtin }) => hadBefore.get(sku)?.has(gtin));
  if (kept.length === claims.length && !claims.some(isRepeated)) return [];
  const wanted = new Map(claims.map(({ sku, gtin }) => [gtin, sku]));
  const others = await tx.rows<{ code: string; gtin: string; replacedBy: string | null }>(OWNERS, [
    [...wanted.keys()],
    skus.map((s) => s.code),
  ]);
  const given = others.filter((o) => o.replacedBy !== null && o.replacedBy === wanted.get(o.gtin));
  const owners = new Map(others.filter((o) => !given.includes(o)).map((o) => [o.gtin, o.code]));
  for (const { sku, gtin } of kept) owners.set(gtin, sku);
  const lines = claims.flatMap((claim, i) => {
    const { sku, gtin } = claim;
    const takenBy = owners.get(gtin);
    // Of two SKUs that want one GTIN here the first has it.
    if (takenBy === undefined) owners.set(gtin, sku);
    const isFree = takenBy === undefined || (takenBy === sku && !isRepeated(claim, i, claims));
    return isFree ? [] : [{ sku, gtin: printedGtin(gtin), takenBy }];
  });
  const [first] = lines;
  if (first === undefined) return given.map((o) => o.code);
  refuse(
    'GtinTaken',
    `GTIN ${first.gtin} of '${first.sku}' already belongs to SKU '${first.takenBy}'; remove it there first.`,
    { lines },
  );
}

interface GtinClaim {
  sku: string;
  gtin: string;
}

/** Whether a SKU claims a GTIN a second time, as its own and as a further one. Its claims stand together, the own one first. */
const isRepeated = ({ sku, gtin }: GtinClaim, i: number, claims: readonly GtinClaim[]): boolean => {
  for (let at = i - 1; at >= 0 && claims[at]!.sku === sku; at--) if (claims[at]!.gtin === gtin) return true;
  return false;
};

/** A further GTIN that becomes the SKU's own leaves the list, unless the list is given too. */
function withOwnGtin(sku: CompleteSku, sent: SkuInput): CompleteSku {
  if (sent.furtherGtins !== undefined) return sku;
  return {
    ...sku,
    furtherGtins: sku.furtherGtins.filter(({ gtin, units }) => gtin !== sku.gtin || units !== 1),
  };
}

const listed = (sku: Pick<CompleteSku, 'furtherGtins'> | undefined): string =>
  JSON.stringify((sku?.furtherGtins ?? []).map(({ gtin, units }) => `${gtin} ${units}`).sort());

/**
 * Creates SKUs and changes known ones, all or none, in a constant number of statements; omitted fields keep their
 * values. `input.skus` comes from `checkSkus`: its GTINs have 14 digits. @throws Refused InvalidInput, GtinTaken
 */
export const upsertSkus = defineCommand(
  'upsertSkus',
  async (tx: Tx, { input, now }: { input: { skus: SkuInput[] }; now: Date }): Promise<SkusUpserted> => {
    await tx.rows(TAKE_TURNS);
    await refuseAliases(tx, input.skus);
    const rows = await tx.rows<KnownRow>(KNOWN, [input.skus.map((s) => s.code)]);
    const before = new Map(rows.map((row) => [row.code, row]));
    const skus = input.skus.map((sent, i) => {
      const known = before.get(sent.code);
      const merged = mergeSku(known && factsOf(known), sent);
      if (merged !== null) return withOwnGtin(merged, sent);
      const path = `skus.${i}.name`;
      return refuse('InvalidInput', `${path} is missing; SKU '${sent.code}' is new and needs one.`, { path });
    });
    const given = await refuseTaken(tx, skus, before);
    const labelled = skus.filter((s) => before.has(s.code) && before.get(s.code)!.gtin !== s.gtin);
    const moving = labelled.map((s) => s.code);
    if (moving.length + given.length > 0) await tx.rows(FREE_GTINS, [[...moving, ...given]]);
    const relisted = skus.filter((s) => listed(before.get(s.code)) !== listed(s));
    const relistedCodes = relisted.map((s) => s.code);
    if (relisted.length > 0) await tx.rows(REMOVE_FURTHER, [relistedCodes]);
    const upserted = await tx.rows<{ id: number; code: string }>(UPSERT, [JSON.stringify(skus), now]);
    if (moving.length > 0) await tx.rows(SET_GTINS, [moving, labelled.map((s) => s.gtin), now]);
    if (relisted.length > 0) await writeFurther(tx, relisted, now);
    const ids = new Map([...rows, ...upserted].map((row) => [row.code, row.id]));
    const created = skus.length - rows.length;
    const written = new Set([...moving, ...relistedCodes, ...upserted.map((row) => row.code)]).size;
    return {
      ids: skus.map((s) => ids.get(s.code)!),
      created,
      updated: written - created,
      unchanged: skus.length - written,
    };
  },
);
