// Which purchase orders and transfers proposals become, and what an approval would do now without doing it.

import type { Tx } from '../../db/pool';
import { MAX_LINES } from '../../refusals';
import { groupBy, slicesOf } from '../../values/lists';
import { timesMinor } from '../../values/money';
import { DAY_MS, MINUTE_MS } from '../../values/time';
import type { ProposalRefusal } from '../rules/proposal';
import { type ApprovableProposal, type ApprovalRequest, previewProposals } from './approvalChecks';

type Rows = readonly ApprovableProposal[];

/** Rows of one document each: of one key, MAX_LINES at most. */
function documents(rows: Rows, keyOf: (row: ApprovableProposal) => string): ApprovableProposal[][] {
  return [...groupBy(rows, keyOf).values()].flatMap((group) => [...slicesOf(group, MAX_LINES)]);
}

/** The rows of each purchase order (one supplier and location) and of each transfer (one source and destination). */
export const documentsOf = (
  rows: Rows,
): { bought: ApprovableProposal[][]; moved: ApprovableProposal[][] } => ({
  bought: documents(
    rows.filter((r) => r.supplierId !== null),
    (r) => `${r.supplierId}:${r.locationId}`,
  ),
  moved: documents(
    rows.filter((r) => r.fromLocationId !== null),
    (r) => `${r.fromLocationId}:${r.locationId}`,
  ),
});

/** When a purchase order of these rows, placed now, is expected. */
export const deliveryOf = (rows: Rows, now: Date): Date =>
  new Date(
    now.getTime() + Math.max(...rows.map((r) => Math.ceil(r.explanation.leadTime.mean - 1e-9))) * DAY_MS,
  );

/** When a transfer of these rows, planned now, is expected. */
export const arrivalOf = (rows: Rows, now: Date): Date =>
  new Date(now.getTime() + rows[0]!.fromLeadMinutes! * MINUTE_MS);

interface PlannedDocument {
  locationId: number;
  lineCount: number;
  units: number;
  expectedAt: Date;
}

export interface PlannedPurchase extends PlannedDocument {
  supplierId: number;
  /** One for each currency of its lines. */
  costs: { amountMinor: bigint; currency: string }[];
}

export interface PlannedTransfer extends PlannedDocument {
  fromLocationId: number;
}

export interface ApprovalPreview {
  purchases: PlannedPurchase[];
  transfers: PlannedTransfer[];
  refused: ProposalRefusal[];
}

const planned = (rows: Rows, expectedAt: Date): PlannedDocument => ({
  locationId: rows[0]!.locationId,
  lineCount: rows.length,
  units: rows.reduce((sum, r) => sum + r.quantity, 0),
  expectedAt,
});

const costsOf = (rows: Rows): PlannedPurchase['costs'] =>
  [...groupBy(rows, (r) => r.currency!)].map(([currency, lines]) => ({
    amountMinor: lines.reduce((sum, r) => sum + timesMinor(r.quantity, r.unitCostMinor!), 0n),
    currency,
  }));

/** What the approval of these proposals would do now: documents, and refusals. Writes nothing, locks nothing. */
export async function previewApproval(tx: Tx, request: ApprovalRequest, now: Date): Promise<ApprovalPreview> {
  const { rows, refused } = await previewProposals(tx, request, now);
  const { bought, moved } = documentsOf(rows);
  return {
    purchases: bought.map((lines) => ({
      ...planned(lines, deliveryOf(lines, now)),
      supplierId: lines[0]!.supplierId!,
      costs: costsOf(lines),
    })),
    transfers: moved.map((lines) => ({
      ...planned(lines, arrivalOf(lines, now)),
      fromLocationId: lines[0]!.fromLocationId!,
    })),
    refused,
  };
}
