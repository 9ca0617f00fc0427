// The operations of the page of planners: all that it sends to the API.

const REFUSAL = '__typename ... on Refusal { message }';
const MONEY = '{ amountMinor currency }';
const REFUSED = 'refused { reason message proposal { id status decidedAt decidedBy { name } } }';

export const PLANNER_OPERATIONS = {
  /** Locations and suppliers are named once, and not with each of 20,000 proposals. */
  locations: `query PlannerLocations($after: String) {
    locations(first: 200, after: $after) { nodes { code name timeZone } pageInfo { hasNextPage endCursor } } }`,
  suppliers: `query PlannerSuppliers($after: String) {
    suppliers(first: 200, after: $after) { nodes { code name orderCutOff } pageInfo { hasNextPage endCursor } } }`,
  proposals: `query PlannerProposals($after: String) {
    replenishmentProposals(first: 200, after: $after) {
      nodes { id quantity quantityProposed level position abc expectedOn cutDay editedAt cost ${MONEY} lostMargin ${MONEY}
        sku { code name category } location { code } supplier { code } from { code } }
      pageInfo { hasNextPage endCursor } } }`,
  /** Rows in sight, read again: whether a colleague decided on them or edited them. */
  seen: `query PlannerSeen($ids: [ID!]!) {
    nodes(ids: $ids) { ... on ReplenishmentProposal { id status quantity editedAt cost ${MONEY} decidedAt decidedBy { name } } } }`,
  detail: `query PlannerDetail($id: ID!, $sku: String!, $location: String!) {
    replenishmentProposal(id: $id) { id editReason editedAt editedBy { name } quantity quantityProposed
      explanation { serviceLevel serviceMeasure reviewDays demandMean method shortWithout shortWith
        leadTime { meanDays } terms { kind units } } }
    forecast(sku: $sku, location: $location) { recentMean history(days: 56) { day units stockedOut } } }`,
  today: `query PlannerToday($day: Date!, $now: DateTime!) {
    replenishmentBudgets(first: 50, filter: { day: $day }) {
      nodes { id fromDay toDay supplier { code name } location { code name } amount ${MONEY} spent ${MONEY} left ${MONEY} } }
    forecastAlerts(first: 50, filter: { acknowledged: false, ended: false }) {
      nodes { id kind createdAt sinceDay actual expected sku { code name } location { code name } }
      pageInfo { hasNextPage } }
    purchaseOrders(first: 50, filter: { statuses: [ORDERED, PARTIALLY_RECEIVED], expectedBefore: $now }) {
      nodes { id number expectedAt supplier { code name } location { code name } lines { outstanding } }
      pageInfo { hasNextPage } } }`,
  acknowledge: `mutation PlannerAcknowledge($input: AcknowledgeForecastAlertInput!) {
    acknowledgeForecastAlert(input: $input) { ${REFUSAL} } }`,
  preview: `query PlannerPreview($proposals: [ID!]!) {
    replenishmentApprovalPreview(proposals: $proposals) {
      purchaseOrders { supplier { name } location { name } lineCount units costs ${MONEY} expectedAt }
      transfers { from { name } location { name } lineCount units expectedAt }
      ${REFUSED} } }`,
  approve: `mutation PlannerApprove($input: ApproveReplenishmentProposalsInput!) {
    approveReplenishmentProposals(input: $input) { ${REFUSAL}
      ... on ApproveReplenishmentProposalsSuccess { proposals { id } purchaseOrders { number } transfers { number } ${REFUSED} } } }`,
  reject: `mutation PlannerReject($input: RejectReplenishmentProposalsInput!) {
    rejectReplenishmentProposals(input: $input) { ${REFUSAL}
      ... on RejectReplenishmentProposalsSuccess { proposals { id } ${REFUSED} } } }`,
  edit: `mutation PlannerEdit($input: EditReplenishmentProposalInput!) {
    editReplenishmentProposal(input: $input) { ${REFUSAL}
      ... on EditReplenishmentProposalSuccess { proposal { id quantity editedAt cost ${MONEY} } } } }`,
};
