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
    id quantity reserved awaiting staged collected cancelled short
    sku { code name gtin pickPosition }
  }
  ${TRANSFER}`;

const QUEUE = `
  asOf
  location { code name }
  toPick { count orders { ${ORDER} } }
  waitingForTransfer { count orders { ${ORDER} } }
  picking { count orders { ${ORDER} } }
  ready { count orders { ${ORDER} } }`;

const CHANGED = `${REFUSAL} ... on WrongState { state }`;

export const COUNTER_OPERATIONS = {
  shops: 'query CounterShops { locations(first: 200) { nodes { code name } } }',
  queue: `query CounterQueue($location: String!) { pickupQueue(location: $location) { ${QUEUE} } }`,
  queueChanged: `subscription CounterQueueChanged($location: String!) {
    pickupQueueChanged(location: $location) { asOf } }`,
  order: `query CounterOrder($id: ID!) { order(by: { id: $id }) { ${ORDER} location { code } } }`,
  article: 'query CounterArticle($gtin: String!) { sku(by: { gtin: $gtin }) { code name } }',
  shelf: `query CounterShelf($sku: String!, $here: String!, $channel: String!) {
    location(by: { code: $here }) { point { latitude longitude } stock(skus: [$sku]) { atp(channel: $channel) } } }`,
  nearby: `query CounterNearby($sku: String!, $latitude: Float!, $longitude: Float!) {
    sku(by: { code: $sku }) {
      availability(at: { near: { latitude: $latitude, longitude: $longitude, radiusKm: 1000, limit: 6, stocked: true } }) {
        quantity distanceKm location { code name } } } }`,
  startPicking: `mutation CounterStartPicking($input: StartPickingInput!) { startPicking(input: $input) {
    ${CHANGED} ... on StartPickingSuccess { orders { ${ORDER} } } } }`,
  pickLine: `mutation CounterPickLine($input: PickLineInput!) { pickLine(input: $input) {
    ${CHANGED} ... on WrongScan { scanned scannedSku expectedSkus } ... on PickLineSuccess { order { ${ORDER} } } } }`,
  shortPick: `mutation CounterShortPick($input: ShortPickInput!) { shortPick(input: $input) {
    ${CHANGED} ... on ShortPickSuccess { replacedHere resourced short order { ${ORDER} } } } }`,
  markReady: `mutation CounterMarkReady($input: MarkReadyInput!) { markReady(input: $input) {
    ${CHANGED} ... on LinesOpen { unitsToPick unitsAwaited } ... on MarkReadySuccess { order { ${ORDER} } } } }`,
  cancelOrder: `mutation CounterCancelOrder($input: CancelOrderInput!) { cancelOrder(input: $input) {
    ${CHANGED} ... on CancelOrderSuccess { order { ${ORDER} } } } }`,
  purchase: `query CounterPurchase($number: String!) { order(by: { number: $number }) {
    id number status closedAt customer { name } lines { id collected returned sku { code name gtin } } } }`,
  receiveReturn: `mutation CounterReceiveReturn($input: ReceiveReturnInput!) { receiveReturn(input: $input) {
    ${REFUSAL} ... on ReturnWindowClosed { lastDay } ... on TooManyReturned { returnable }
    ... on ReceiveReturnSuccess { return { number } } } }`,
  collectOrder: `mutation CounterCollectOrder($input: CollectOrderInput!) { collectOrder(input: $input) {
    ${CHANGED} ... on WrongPickupCode { attemptsLeft } ... on PickupCodeLocked { attempts }
    ... on TooManyCodeAttempts { retryAfterSeconds } ... on PaymentDue { amount { amountMinor currency } }
    ... on CollectOrderSuccess { order { ${ORDER} } } } }`,
};
