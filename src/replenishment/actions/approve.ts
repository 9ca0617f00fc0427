// The command approveReplenishmentProposals: proposals are checked again and become purchase orders and transfers, in one transaction.

import { type Command, defineCommand } from '../../access/actions/execute';
import { openPurchases, type PurchasePlan } from '../../purchase/actions/draftMany';
import { planTransfers, type TransferPlan } from '../../transfer/actions/planned';
import type { ProposalRefusal } from '../rules/proposal';
import { type ApprovableProposal, type ApprovalRequest, checkProposals } from './approvalChecks';
import { arrivalOf, deliveryOf, documentsOf } from './approvalDocuments';
import { lockProposals } from './reconcile';

export interface ApproveInput extends ApprovalRequest {
  /** Purchase orders are placed at once; otherwise they are drafts, and their proposals APPROVED. */
  place: boolean;
}

export interface Approved {
  approvedIds: string[];
  purchaseIds: string[];
  transferIds: string[];
  refused: ProposalRefusal[];
}

const NOTE = 'from replenishment proposals';
const lines = (rows: readonly ApprovableProposal[]) =>
  rows.map(({ skuId, quantity }) => ({ skuId, quantity }));

const purchasePlan =
  (now: Date, order: boolean) =>
  (rows: readonly ApprovableProposal[]): PurchasePlan => ({
    supplierId: rows[0]!.supplierId!,
    locationId: rows[0]!.locationId,
    lines: lines(rows),
    note: NOTE,
    expectedAt: deliveryOf(rows, now),
    order,
  });

const transferPlan =
  (now: Date) =>
  (rows: readonly ApprovableProposal[]): TransferPlan => ({
    fromLocationId: rows[0]!.fromLocationId!,
    toLocationId: rows[0]!.locationId,
    orderId: null,
    expectedAt: arrivalOf(rows, now),
    note: NOTE,
    lines: lines(rows),
  });

const CLOSE = `
  UPDATE replenishment_proposal p
  SET status = d.status::proposal_status, purchase_id = d.purchase_id, transfer_id = d.transfer_id, decided_at = $5,
      decided_by_id = $6
  FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) AS d(id, status, purchase_id, transfer_id)
  WHERE p.id = d.id`;

/**
 * Approves proposals: those of one supplier and location become one purchase order, those between two locations one transfer
 * (of MAX_LINES lines at most). Each proposal is checked again; those no longer valid are refused, the others are approved.
 * Ids are distinct, at most MAX_PROPOSALS.
 */
export const approveReplenishmentProposals = defineCommand(
  'approveReplenishmentProposals',
  async (tx, { input, actor, now, commandId }: Command<ApproveInput>): Promise<Approved> => {
    await lockProposals(tx);
    const { rows, shelves, refused } = await checkProposals(tx, input, now);
    const { bought, moved } = documentsOf(rows);
    const purchases = await openPurchases(tx, now, bought.map(purchasePlan(now, input.place)));
    const transfers = await planTransfers(tx, shelves, { commandId, now }, moved.map(transferPlan(now)));
    const documented = [
      ...bought.flatMap((group, i) =>
        group.map((row) => ({ row, purchaseId: purchases[i]!.id, transferId: null })),
      ),
      ...moved.flatMap((group, i) =>
        group.map((row) => ({ row, purchaseId: null, transferId: transfers[i]!.id })),
      ),
    ];
    await tx.rows(CLOSE, [
      documented.map((d) => d.row.id),
      documented.map((d) => (d.purchaseId !== null && !input.place ? 'APPROVED' : 'ORDERED')),
      documented.map((d) => d.purchaseId),
      documented.map((d) => d.transferId),
      now,
      actor.actorId,
    ]);
    return {
      approvedIds: rows.map((r) => r.id),
      purchaseIds: purchases.map((p) => p.id),
      transferIds: transfers.map((t) => t.id),
      refused,
    };
  },
);
