// The prices of the lists in the answers of mutations; the price of a mutation itself stands in its declaration.

import { type FieldPrice, list, PRISMA_ROW, perInputLine, ROW } from './price';

const few = list(3);
const changed = perInputLine(10, ROW);
const documents = perInputLine(3, PRISMA_ROW, 20);

export const ANSWER_PRICES: Record<string, Record<string, FieldPrice>> = {
  AcknowledgeForecastAlertSuccess: { alerts: documents },
  AdjustStockSuccess: { levels: changed },
  ApproveReplenishmentProposalsSuccess: {
    proposals: changed,
    purchaseOrders: documents,
    refused: few,
    transfers: documents,
  },
  ApproveCountsSuccess: { unapproved: changed },
  ApproveTransferReceiptSuccess: { discrepancies: few },
  CountStockSuccess: { counts: changed, levels: changed },
  EraseCustomerSuccess: { notIncluded: few },
  ExportCustomerSuccess: { notIncluded: few },
  GtinTaken: { lines: few },
  ImportSalesSuccess: { rejects: changed },
  IngestContactsSuccess: { refused: changed },
  DecideLinkProposalsSuccess: { decisions: perInputLine(5, ROW) },
  JoinCustomersSuccess: { customers: few },
  LinesOpen: { skus: few },
  NotEnoughStock: { lines: few },
  NotFound: { keys: few },
  OpenCountSuccess: { counts: changed },
  OverDelivered: { lines: few },
  PlaceOrderSuccess: { shortfall: few },
  QuarantineStockSuccess: { levels: changed },
  RecordConsentSuccess: { consents: changed },
  ReceiveStockSuccess: { levels: changed },
  ReceiveTransferSuccess: { discrepancies: few },
  RejectReplenishmentProposalsSuccess: { proposals: changed, refused: few },
  ReleaseQuarantineSuccess: { levels: changed },
  ReservedExceedsCount: { lines: few },
  SetReplenishmentBudgetSuccess: { budgets: changed },
  SetReplenishmentPolicySuccess: { policies: changed },
  SetSafetyStockSuccess: { safetyStocks: documents },
  SetSkuSupplierSuccess: { skuSuppliers: changed },
  ReportBrokenSuccess: { transfers: documents },
  ShortPickSuccess: { transfers: documents },
  SplitCustomerSuccess: { customers: few },
  SkuInUse: { uses: few },
  StaleCount: { lines: few },
  StartPickingSuccess: { orders: documents },
  UpsertCalendarEventsSuccess: { events: changed },
  UpsertLocationsSuccess: { locations: changed },
  UpsertSkuAliasesSuccess: { aliases: changed },
  UpsertSkusSuccess: { skus: changed },
  UpsertSuppliersSuccess: { suppliers: changed },
  WrongScan: { expectedSkus: few },
  WrongState: { allowedStates: few },
  WithdrawConsentSuccess: { consents: changed },
};
