// Other commands of planners on proposals: edit a quantity, reject; and the effect of a draft being ordered or dropped.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import type { PurchaseFollower } from '../../purchase/actions/draftMany';
import { checkState, notFound, refuse, unknownMessage } from '../../refusals';
import { PROPOSAL_STARTS, type ProposalRefusal, type ProposalStatus } from '../rules/proposal';
import { lockProposals } from './reconcile';

interface ReviewedProposal {
  id: string;
  status: ProposalStatus;
  sku: string;
  location: string;
  packSize: number | null;
  minimumOrder: number | null;
  supplier: string | null;
}

const LOCK = `
  SELECT p.id, p.status, s.code AS sku, l.code AS location, o.pack_size AS "packSize", o.minimum_order AS "minimumOrder",
         u.code AS supplier
  FROM replenishment_proposal p JOIN sku s ON s.id = p.sku_id JOIN location l ON l.id = p.location_id
  LEFT JOIN supplier u ON u.id = p.supplier_id
  LEFT JOIN sku_supplier o ON o.sku_id = p.sku_id AND o.supplier_id = p.supplier_id
  WHERE p.id = ANY($1::uuid[]) ORDER BY p.id FOR UPDATE OF p`;

const EDIT = `
  UPDATE replenishment_proposal SET quantity = $2, edit_reason = $3, edited_at = $4, edited_by_id = $5 WHERE id = $1`;

/** Checks for whole packs and the minimum order. @throws Refused InvalidInput */
function checkPacks(quantity: number, { packSize, minimumOrder, supplier, sku }: ReviewedProposal): void {
  if (packSize === null || minimumOrder === null) return;
  const least = Math.ceil(minimumOrder / packSize) * packSize;
  if (quantity % packSize === 0 && quantity >= minimumOrder) return;
  const below = Math.max(least, Math.floor(quantity / packSize) * packSize);
  const above = Math.max(least, Math.ceil(quantity / packSize) * packSize);
  const right = below === above ? `${above}` : `${below} or ${above}`;
  const message = `quantity is ${quantity}; ${supplier} sells ${sku} in packs of ${packSize}, ${least} at least: request ${right}.`;
  refuse('InvalidInput', message, { path: 'quantity' });
}

/**
 * Changes what is to be ordered; what was proposed is kept beside it. From then on runs leave the proposal alone.
 * @throws Refused NotFound, WrongState, InvalidInput
 */
export const editReplenishmentProposal = defineCommand(
  'editReplenishmentProposal',
  async (
    tx,
    { input, actor, now }: Command<{ proposalId: string; quantity: number; reason: string }>,
  ): Promise<{ proposalId: string }> => {
    await lockProposals(tx);
    const { proposalId, quantity, reason } = input;
    const [row] = await tx.rows<ReviewedProposal>(LOCK, [[proposalId]]);
    if (row === undefined) {
      throw notFound('ReplenishmentProposal', [proposalId]);
    }
    checkState('Proposal for', `${row.sku} at ${row.location}`, row.status, PROPOSAL_STARTS.edit, 'edited');
    checkPacks(quantity, row);
    await tx.rows(EDIT, [proposalId, quantity, reason, now, actor.actorId]);
    return { proposalId };
  },
);

// A need rests from the location's own day on.
const REJECT = `
  UPDATE replenishment_proposal p
  SET status = 'REJECTED', close_reason = $2, decided_at = $3, decided_by_id = $4,
      rests_until = ($3 AT TIME ZONE l.time_zone)::date + $5::int
  FROM location l WHERE l.id = p.location_id AND p.id = ANY($1::uuid[])`;

export interface RejectInput {
  proposalIds: string[];
  reason: string;
  /** Days until the need may be proposed again; 1: from tomorrow's run on. */
  restDays: number;
}

/** Rejects proposals, those that are still open; the needs rest. Every id once. */
export const rejectReplenishmentProposals = defineCommand(
  'rejectReplenishmentProposals',
  async (
    tx,
    { input, actor, now }: Command<RejectInput>,
  ): Promise<{ rejectedIds: string[]; refused: ProposalRefusal[] }> => {
    await lockProposals(tx);
    const found = await tx.rows<ReviewedProposal>(LOCK, [input.proposalIds]);
    const byId = new Map(found.map((row) => [row.id, row]));
    const refused: ProposalRefusal[] = [];
    const rejectedIds = input.proposalIds.filter((proposalId) => {
      const row = byId.get(proposalId);
      if (row?.status === 'PROPOSED') return true;
      const message =
        row === undefined
          ? unknownMessage('ReplenishmentProposal', [proposalId])
          : `The proposal for ${row.sku} at ${row.location} is ${row.status}; only PROPOSED ones can be rejected.`;
      refused.push({ proposalId, reason: row === undefined ? 'NOT_FOUND' : 'NOT_OPEN', message });
      return false;
    });
    await tx.rows(REJECT, [rejectedIds, input.reason, now, actor.actorId, input.restDays]);
    return { rejectedIds, refused };
  },
);

const PLACED = `
  UPDATE replenishment_proposal SET status = 'ORDERED' WHERE purchase_id = $1 AND status = 'APPROVED'`;
const DROPPED = `
  UPDATE replenishment_proposal SET status = 'SUPERSEDED', decided_at = $2, close_reason = $3
  WHERE purchase_id = $1 AND status = 'APPROVED'`;

/** Updates approved proposals when their purchase order is placed or dropped; `server/schema` passes it to the commands. */
export const approvedProposals: PurchaseFollower = {
  async placed(tx: Tx, purchaseId: string) {
    await tx.rows(PLACED, [purchaseId]);
  },
  async dropped(tx: Tx, purchaseId: string, number: string, now: Date) {
    await tx.rows(DROPPED, [
      purchaseId,
      now,
      `its purchase order ${number} was dropped before it was placed`,
    ]);
  },
};
