// Reads of proposals: by id, by document, and pages of a list in two orders.

import { codeLookup } from '../../db/codes';
import type { Tx } from '../../db/pool';
import type { Explanation } from '../rules/decide';
import type { AbcClass } from '../rules/policy';
import type { ProposalStatus } from '../rules/proposal';

export interface ProposalRow {
  id: string;
  locationId: number;
  skuId: number;
  status: ProposalStatus;
  source: 'SUPPLIER' | 'TRANSFER';
  supplierId: number | null;
  fromLocationId: number | null;
  quantityProposed: number;
  quantity: number;
  quantityNow: number;
  level: number;
  position: number;
  unitCostMinor: number | null;
  currency: string | null;
  abc: AbcClass;
  lostMarginMinor: number;
  priceCurrency: string | null;
  expectedOn: string;
  cutDay: string;
  dueAt: Date;
  explanation: Explanation;
  createdAt: Date;
  editedAt: Date | null;
  editedById: number | null;
  editReason: string | null;
  decidedAt: Date | null;
  decidedById: number | null;
  closeReason: string | null;
  restsUntil: string | null;
  supersededById: string | null;
  purchaseId: string | null;
  transferId: string | null;
}

const SELECT = `
  SELECT p.id, p.location_id AS "locationId", p.sku_id AS "skuId", p.status, p.source, p.supplier_id AS "supplierId",
         p.from_location_id AS "fromLocationId", p.quantity_proposed AS "quantityProposed", p.quantity,
         p.quantity_now AS "quantityNow", p.level, p.position, p.unit_cost_minor AS "unitCostMinor", p.currency, p.abc,
         p.lost_margin_minor AS "lostMarginMinor", s.currency AS "priceCurrency", p.expected_on AS "expectedOn",
         p.cut_day AS "cutDay", p.due_at AS "dueAt", p.explanation, p.created_at AS "createdAt",
         p.edited_at AS "editedAt", p.edited_by_id AS "editedById", p.edit_reason AS "editReason",
         p.decided_at AS "decidedAt", p.decided_by_id AS "decidedById", p.close_reason AS "closeReason", p.rests_until AS "restsUntil",
         p.superseded_by_id AS "supersededById", p.purchase_id AS "purchaseId", p.transfer_id AS "transferId"
  FROM replenishment_proposal p JOIN sku s ON s.id = p.sku_id`;
const BY_IDS = `${SELECT} WHERE p.id = ANY($1::uuid[])`;
const BY_PURCHASES = `${SELECT} WHERE p.purchase_id = ANY($1::uuid[]) ORDER BY p.sku_id`;
const BY_TRANSFERS = `${SELECT} WHERE p.transfer_id = ANY($1::uuid[]) ORDER BY p.sku_id`;

/** Proposals by their ids; in no particular order. */
export function proposalsById(tx: Tx, ids: readonly string[]): Promise<ProposalRow[]> {
  return tx.rows<ProposalRow>(BY_IDS, [ids]);
}

/** Proposals that became these purchase orders. */
export function proposalsOfPurchases(tx: Tx, ids: readonly string[]): Promise<ProposalRow[]> {
  return tx.rows<ProposalRow>(BY_PURCHASES, [ids]);
}

/** Proposals that became these transfers. */
export function proposalsOfTransfers(tx: Tx, ids: readonly string[]): Promise<ProposalRow[]> {
  return tx.rows<ProposalRow>(BY_TRANSFERS, [ids]);
}

export interface ProposalFilter {
  statuses: ProposalStatus[];
  locationId: number | null;
  skuId: number | null;
  supplierId: number | null;
  fromLocationId: number | null;
  source: 'SUPPLIER' | 'TRANSFER' | null;
  /** This category and all below it. */
  category: string | null;
  abc: AbcClass | null;
  edited: boolean | null;
}

const WHERE = `
  WHERE p.status = ANY($2::proposal_status[]) AND ($3::int IS NULL OR p.location_id = $3)
    AND ($4::int IS NULL OR p.sku_id = $4) AND ($5::int IS NULL OR p.supplier_id = $5)
    AND ($6::int IS NULL OR p.from_location_id = $6) AND ($7::proposal_source IS NULL OR p.source = $7)
    AND ($8::text IS NULL OR s.category = $8 OR starts_with(s.category, $8 || '/'))
    AND ($9::abc_class IS NULL OR p.abc = $9) AND ($10::boolean IS NULL OR (p.edited_at IS NOT NULL) = $10)`;
const NEWEST = `${SELECT} ${WHERE} AND ($11::uuid IS NULL OR p.id < $11) ORDER BY p.id DESC LIMIT $1`;
const DEAREST = `
  ${SELECT} ${WHERE} AND ($11::uuid IS NULL OR (p.lost_margin_minor, p.id) < ($12::bigint, $11))
  ORDER BY p.lost_margin_minor DESC, p.id DESC LIMIT $1`;

/** The key of a row in a list. */
export interface ProposalKey {
  id: string;
  lostMarginMinor: number;
}

/** A page of proposals beyond a key: the newest first, or by the expected cost of a shortage. */
export function proposalPage(
  tx: Tx,
  filter: ProposalFilter,
  order: 'NEWEST' | 'LOST_MARGIN',
  after: ProposalKey | null,
  limit: number,
): Promise<ProposalRow[]> {
  const values = [
    limit,
    filter.statuses,
    filter.locationId,
    filter.skuId,
    filter.supplierId,
    filter.fromLocationId,
    filter.source,
    filter.category,
    filter.abc,
    filter.edited,
    after?.id ?? null,
  ];
  if (order === 'NEWEST') return tx.rows<ProposalRow>(NEWEST, values);
  return tx.rows<ProposalRow>(DEAREST, [...values, after?.lostMarginMinor ?? null]);
}

/** Ids of these supplier codes, all of them. @throws Refused NotFound naming the unknown codes */
export const supplierIdsByCode = codeLookup({
  what: 'Supplier',
  byCode: 'SELECT id, code FROM supplier WHERE code = ANY($1::text[])',
}).all;
