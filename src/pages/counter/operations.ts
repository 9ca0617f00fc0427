// The operations of the counter: all that its page sends to the API. The bundle has only their hashes (src/server/pages).

const REFUSAL = '__typename ... on Refusal { message }';

const TRANSFER = 'transfers { id number status expectedAt from { code name } }';

const ORDER = `
  id number status placedAt updatedAt readyAt collectBy arrivedAt onTheWayAt arrivalNote stagingArea note payment paidAt closedAt channel
  promise { readyAt }
  customer { name phone }
  picker { id name }
  total { amountMinor currency }
  lines {
    id quantity reserved awaiting staged collected cancelled short price { amountMinor currency }
    sku { code name gtin furtherGtins { gtin units } pickPosition }
  }
  ${TRANSFER}`;

const QUEUE = `
  asOf
  location { code name labelRules { prefix articleDigits } }
  toPick { count orders { ${ORDER} } }
  waitingForTransfer { count orders { ${ORDER} } }
  picking { count orders { ${ORDER} } }
  ready { count orders { ${ORDER} } }`;

const GOODS_SKU = 'sku { code name gtin furtherGtins { gtin units } pickPosition }';
const GOODS_TRANSFER = `id number expectedAt orderNumber awaitsApproval from { name } to { name } lines { quantity ${GOODS_SKU} }`;

const CHANGED = `${REFUSAL} ... on WrongState { state } ... on InvalidInput { path }`;

/** Commands that may wait in the outbox: an input that is never executed, and what their answer has of orders. */
const QUEUED: Record<string, [unused: string, answer: string]> = {
  startPicking: ['orders: []', 'orders'],
  pickLine: ['order: "", sku: ""', 'order'],
  shortPick: ['order: "", sku: "", quantity: 1, reason: OTHER', 'order'],
  markReady: ['order: "", stagingArea: ""', 'order'],
  cancelOrder: ['order: "", reason: OTHER', 'order'],
};
/** Commands that are sent in one request; outbox.ts has the same number. */
const SENT_TOGETHER = 8;

const upper = (name: string): string => name[0]!.toUpperCase() + name.slice(1);
const answerOf = (name: string, order: string): string =>
  `${CHANGED} ... on ${upper(name)}Success { ${QUEUED[name]![1]} { ${order} } }`;

/** Positions for each command, of which a request uses those that it needs. The server executes them in their order. */
function severalText(): string {
  const slots = Array.from({ length: SENT_TOGETHER }, (_, i) => i).flatMap((i) =>
    Object.entries(QUEUED).map(([name, [unused]]) => ({ name, key: `${name}${i}`, unused })),
  );
  const variables = slots.map(
    ({ name, key, unused }) =>
      `$${key}: ${upper(name)}Input = { idempotencyKey: "", ${unused} }, $has${upper(key)}: Boolean = false`,
  );
  const fields = slots.map(
    ({ name, key }) =>
      `${key}: ${name}(input: $${key}) @include(if: $has${upper(key)}) { ${answerOf(name, '...Changed')} }`,
  );
  return `mutation CounterCommands(${variables.join(', ')}) { ${fields.join(' ')} } fragment Changed on Order { ${ORDER} }`;
}

export const COUNTER_OPERATIONS = {
  shops: 'query CounterShops { locations(first: 200) { nodes { code name } } }',
  queue: `query CounterQueue($location: String!) { pickupQueue(location: $location) { ${QUEUE} } }`,
  queueChanged: `subscription CounterQueueChanged($location: String!) {
    pickupQueueChanged(location: $location) { asOf } }`,
  order: `query CounterOrder($id: ID!) { order(by: { id: $id }) { ${ORDER} location { code } } }`,
  article: 'query CounterArticle($gtin: String!) { sku(by: { gtin: $gtin }) { code name } }',
  articleBy: `query CounterArticleBy($by: SkuKey!) { sku(by: $by) { code name gtin furtherGtins { gtin units } pickPosition } }`,
  shelf: `query CounterShelf($sku: String!, $here: String!, $channel: String!) {
    location(by: { code: $here }) { point { latitude longitude } stock(skus: [$sku]) { atp(channel: $channel) } } }`,
  nearby: `query CounterNearby($sku: String!, $latitude: Float!, $longitude: Float!) {
    sku(by: { code: $sku }) {
      availability(at: { near: { latitude: $latitude, longitude: $longitude, radiusKm: 1000, limit: 6, stocked: true } }) {
        quantity distanceKm location { code name } } } }`,
  shop: `query CounterShop($code: String!) { location(by: { code: $code }) { point { latitude longitude } } }`,
  articles: `query CounterArticles($search: String!) {
    skus(first: 8, filter: { search: $search }) { pageInfo { hasNextPage } nodes { code name gtin } } }`,
  articleStock: `query CounterArticleStock($by: SkuKey!, $shop: String!, $latitude: Float!, $longitude: Float!) {
    sku(by: $by) {
      code name gtin pickPosition price { amountMinor currency }
      stock(locations: [$shop]) { reserved staged quarantine countedAt }
      here: availability(at: { locations: [$shop] }, channel: "STORE") { quantity arrivals { quantity expectedAt } }
      nearby: availability(
        at: { near: { latitude: $latitude, longitude: $longitude, radiusKm: 1000, limit: 6, stocked: true } }, channel: "STORE"
      ) { quantity distanceKm location { code name kind } } } }`,
  days: `query CounterDays($location: String!, $days: [Date!]!) { pickupDays(location: $location, days: $days) {
    day orders promisesDue promisesKept linesPicked linesShort byStatus { status count } waits medianWaitSeconds longestWaitSeconds } }`,
  placeOrder: `mutation CounterPlaceOrder($input: PlaceOrderInput!) { placeOrder(input: $input) {
    ${REFUSAL} ... on InvalidInput { path } ... on PlaceOrderSuccess { order { ${ORDER} } } } }`,
  startPicking: `mutation CounterStartPicking($input: StartPickingInput!) { startPicking(input: $input) { ${answerOf('startPicking', ORDER)} } }`,
  pickLine: `mutation CounterPickLine($input: PickLineInput!) { pickLine(input: $input) { ${answerOf('pickLine', ORDER)} } }`,
  shortPick: `mutation CounterShortPick($input: ShortPickInput!) { shortPick(input: $input) { ${answerOf('shortPick', ORDER)} } }`,
  markReady: `mutation CounterMarkReady($input: MarkReadyInput!) { markReady(input: $input) { ${answerOf('markReady', ORDER)} } }`,
  cancelOrder: `mutation CounterCancelOrder($input: CancelOrderInput!) { cancelOrder(input: $input) { ${answerOf('cancelOrder', ORDER)} } }`,
  commands: severalText(),
  goods: `query CounterGoods($location: String!) {
    toSend: transfers(first: 40, filter: { location: $location, direction: OUTGOING, statuses: [DRAFT] }) { nodes { ${GOODS_TRANSFER} } }
    toReceive: transfers(first: 40, filter: { location: $location, direction: INCOMING, statuses: [DISPATCHED] }) { nodes { ${GOODS_TRANSFER} } }
    deliveries: purchaseOrders(first: 40, filter: { location: $location, statuses: [ORDERED, PARTIALLY_RECEIVED] }) { nodes {
      id number expectedAt supplier { name } lines { outstanding ${GOODS_SKU} } } }
    counts: stockCounts(first: 200, filter: { location: $location, statuses: [OPEN] }) { nodes { id reason openedAt ${GOODS_SKU} } } }`,
  shelves: `query CounterShelves($location: String!, $skus: [String!]!) {
    location(by: { code: $location }) { stock(skus: $skus) { available reserved ${GOODS_SKU} } } }`,
  dispatchTransfer: `mutation CounterDispatchTransfer($input: DispatchTransferInput!) { dispatchTransfer(input: $input) {
    ${CHANGED} ... on DispatchTransferSuccess { transfer { id } } } }`,
  receiveTransfer: `mutation CounterReceiveTransfer($input: ReceiveTransferInput!) { receiveTransfer(input: $input) {
    ${CHANGED} ... on ReceiveTransferSuccess { awaitsApproval transfer { id } } } }`,
  receivePurchaseOrder: `mutation CounterReceivePurchaseOrder($input: ReceivePurchaseOrderInput!) { receivePurchaseOrder(input: $input) {
    ${CHANGED} ... on ReceivePurchaseOrderSuccess { purchaseOrder { id } } } }`,
  countStock: `mutation CounterCountStock($input: CountStockInput!) { countStock(input: $input) {
    ${REFUSAL} ... on InvalidInput { path } ... on StaleCount { lines { sku } } ... on CountStockSuccess { counts { status } } } }`,
  purchase: `query CounterPurchase($number: String!) { order(by: { number: $number }) {
    id number status closedAt customer { name } lines { id collected returned sku { code name gtin furtherGtins { gtin units } } } } }`,
  receiveReturn: `mutation CounterReceiveReturn($input: ReceiveReturnInput!) { receiveReturn(input: $input) {
    ${REFUSAL} ... on ReturnWindowClosed { lastDay } ... on TooManyReturned { returnable }
    ... on ReceiveReturnSuccess { return { number } } } }`,
  collectOrder: `mutation CounterCollectOrder($input: CollectOrderInput!) { collectOrder(input: $input) {
    ${CHANGED} ... on WrongPickupCode { attemptsLeft } ... on PickupCodeLocked { attempts }
    ... on TooManyCodeAttempts { retryAfterSeconds } ... on PaymentDue { amount { amountMinor currency } }
    ... on CollectOrderSuccess { order { ${ORDER} } } } }`,
};
