// GraphQL texts of the tests of shared tablets.

export const gql = {
  node: 'query ($id: ID!) { node(id: $id) { id } }',
  viewer: '{ viewer { name locations { code } } }',
  devices:
    'query ($location: String!) { devices(location: $location) { nodes { id name location { code } } } }',
  receive: `mutation ($key: String!) { receiveStock(input: { idempotencyKey: $key, location: "paris",
    lines: [{ sku: "MUG", quantity: 1 }] }) { __typename } }`,
  receiveInLyon: `mutation ($key: String!) { receiveStock(input: { idempotencyKey: $key, location: "lyon",
    lines: [{ sku: "MUG", quantity: 1 }] }) { __typename } }`,
} as const;
