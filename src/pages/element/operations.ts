// The operations of the element: all that a publishable token can send. What stands in their texts no page can change.

const POINT = 'point { latitude longitude }';

export const ELEMENT_OPERATIONS = {
  options: `query ElementOptions($lines: [SkuQuantityInput!]!, $near: NearInput!, $holder: String) {
    pickupOptions(lines: $lines, near: $near, holder: $holder) { kind distanceKm readyAt promiseSteps { rule from to }
      location { code name timeZone isOpen closesAt address { street postalCode city } ${POINT} }
      lines { sku { code name } state band } } }`,
  find: `query ElementFind($search: String!) {
    locations(first: 1, filter: { search: $search, kind: SHOP, pickupEnabled: true }) { nodes { address { city } ${POINT} } } }`,
  reserve: `mutation ElementReserve($key: String!, $holder: String!, $location: String!, $lines: [SkuQuantityInput!]!) {
    reserveStock(input: { idempotencyKey: $key, holder: $holder, location: $location, lines: $lines, holdMinutes: 20 }) {
      __typename ... on ReserveStockSuccess { reservation { id expiresAt } } } }`,
  release: `mutation ElementRelease($key: String!, $reservation: ID!) {
    releaseReservation(input: { idempotencyKey: $key, reservation: $reservation }) { __typename } }`,
};
