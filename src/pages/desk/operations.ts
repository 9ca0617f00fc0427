// The operations of the service desk: all that it sends to the API.

const REFUSAL = '__typename ... on Refusal { message }';
const IDENTIFIER = 'id kind scope value standing verifiedAt joinedBy lastClaimedAt';
const ORDER = 'id number status location { code name } total { amountMinor currency }';
/** What distinguishes namesakes. */
const WHO = `id name attributes { attribute value } identifiers { ${IDENTIFIER} }`;

const PROMISE = `waitsFor promisedAt isLate isAtRisk lateMinutes unitsToPick unitsReady unitsAwaited transferExpectedAt collectBy
  order { ${ORDER} }`;
const PREFERENCES = `contactChannel language hour { hour times of } location { location { code name } times of }`;
const CONTACT =
  'id channel direction at topic orderNumber promise promisedFor state agent { name } location { name }';

export const DESK_OPERATIONS = {
  context: `query DeskContext($by: CustomerKey!) { customerContext(by: $by) {
    customer { ${WHO} claimedIdentifiers { ${IDENTIFIER} }
      openOrders { ${PROMISE} }
      returnables { quantity announced until sku { code name } order { ${ORDER} } }
      preferences { ${PREFERENCES} }
      consents { id purpose channel decision at }
      purchases { channel purchases lastAt value { amountMinor currency } } }
    lastContacts { ${CONTACT} }
    openCases { id number channel topic orderNumber openedAt lastContactAt agent { name } }
    contactPromises { promise promisedFor overdueMinutes channel topic orderNumber }
    suggestions { kind mutation input toComplete orderNumber dueAt } } }`,
  find: `query DeskFind($by: CustomerKey!) { customer(by: $by) { ${WHO} } }`,
  byName: `query DeskByName($name: String!) { customersByName(name: $name) { ${WHO} } }`,
  timeline: `query DeskTimeline($by: CustomerKey!, $after: String) { customerTimeline(by: $by, first: 20, after: $after) {
    nodes { id at channel kind source isVerified facts location { name } order { number } return { number } }
    pageInfo { hasNextPage endCursor } } }`,
  locations: 'query DeskLocations { locations(first: 200) { nodes { code name } } }',
  createTransfer: `mutation DeskCreateTransfer($input: CreateTransferInput!) {
    createTransfer(input: $input) { ${REFUSAL} } }`,
  unlockPickupCode: `mutation DeskUnlockPickupCode($input: UnlockPickupCodeInput!) {
    unlockPickupCode(input: $input) { ${REFUSAL} } }`,
  noteContact: `mutation DeskNoteContact($input: NoteContactInput!) { noteContact(input: $input) { ${REFUSAL} } }`,
  cancelOrder: `mutation DeskCancelOrder($input: CancelOrderInput!) { cancelOrder(input: $input) { ${REFUSAL} } }`,
  requestReturn: `mutation DeskRequestReturn($input: RequestReturnInput!) {
    requestReturn(input: $input) { ${REFUSAL} } }`,
  recordConsent: `mutation DeskRecordConsent($input: RecordConsentInput!) {
    recordConsent(input: $input) { ${REFUSAL} } }`,
  withdrawConsent: `mutation DeskWithdrawConsent($input: WithdrawConsentInput!) {
    withdrawConsent(input: $input) { ${REFUSAL} } }`,
  proposals: `query DeskProposals($filter: LinkProposalFilter, $after: String) {
    linkProposals(filter: $filter, first: 10, after: $after) {
      nodes { id bits evidence { attribute agreement bits } customers { ${WHO} } }
      pageInfo { hasNextPage endCursor } } }`,
  decideLinkProposals: `mutation DeskDecideLinkProposals($input: DecideLinkProposalsInput!) {
    decideLinkProposals(input: $input) { ${REFUSAL}
      ... on DecideLinkProposalsSuccess { decisions { outcome message } } } }`,
  joinCustomers: `mutation DeskJoinCustomers($input: JoinCustomersInput!) { joinCustomers(input: $input) { ${REFUSAL} } }`,
  splitCustomer: `mutation DeskSplitCustomer($input: SplitCustomerInput!) { splitCustomer(input: $input) { ${REFUSAL} } }`,
  exports: `query DeskExports($customer: ID!) { customerExports(filter: { customer: $customer }, first: 5) {
    nodes { id state requestedAt dueAt expiresAt files { name url } } } }`,
  exportCustomer: `mutation DeskExportCustomer($input: ExportCustomerInput!) {
    exportCustomer(input: $input) { ${REFUSAL} ... on ExportCustomerSuccess { notIncluded } } }`,
  eraseCustomer: `mutation DeskEraseCustomer($input: EraseCustomerInput!) {
    eraseCustomer(input: $input) { ${REFUSAL} ... on EraseCustomerSuccess { openOrders notIncluded } } }`,
};
