// The operations of the page of tablets: all that it sends to the API.

const REFUSAL = '__typename ... on Refusal { message }';
const DEVICE = 'id name createdAt codeExpiresAt enrolledAt usedAt revokedAt';

export const TABLETS_OPERATIONS = {
  shops: 'query TabletsShops { locations(first: 200) { nodes { code name } } }',
  overview: `query TabletsOverview($location: String!) {
    devices(location: $location, first: 50) { nodes { ${DEVICE} } }
    tabletPeople(location: $location) { actor name manager pin pinSetAt } }`,
  createDevice: `mutation TabletsCreateDevice($input: CreateDeviceInput!) {
    createDevice(input: $input) { ${REFUSAL} ... on CreateDeviceSuccess { code device { ${DEVICE} } } } }`,
  revokeDevice: `mutation TabletsRevokeDevice($input: RevokeDeviceInput!) {
    revokeDevice(input: $input) { ${REFUSAL} ... on RevokeDeviceSuccess { device { id } } } }`,
  resetPin: `mutation TabletsResetPin($input: ResetPinInput!) {
    resetPin(input: $input) { ${REFUSAL} ... on ResetPinSuccess { startPin expiresAt } } }`,
  unlockPin: `mutation TabletsUnlockPin($input: UnlockPinInput!) {
    unlockPin(input: $input) { ${REFUSAL} ... on UnlockPinSuccess { actor } } }`,
};
