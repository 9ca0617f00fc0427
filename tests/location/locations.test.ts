// Locations as clients find them: by code, by page, around a point; and when their doors are open.

import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let shop: string;
beforeAll(async () => {
  app = await startApp();
  shop = await app.token('STOREFRONT', 'web shop');
  const planner = await app.token('PLANNER');
  const { data } = await app.gql(
    planner,
    `mutation ($locations: [UpsertLocationInput!]!) {
      upsertLocations(input: { idempotencyKey: "places", locations: $locations }) {
        ... on InvalidInput { message } ... on UpsertLocationsSuccess { created updated } } }`,
    {
      locations: [
        {
          code: 'saint-denis',
          name: 'Saint-Denis de La Réunion',
          kind: 'SHOP',
          address: { street: '25 rue du Maréchal Leclerc', city: 'Saint-Denis', country: 'RE' },
          point: { latitude: -20.8789, longitude: 55.4481 },
          timeZone: 'Indian/Reunion',
          weeklyHours: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
            weekday,
            opensAt: '00:00',
            closesAt: '24:00',
          })),
          hoursExceptions: [{ day: '2026-11-27', ranges: [{ opensAt: '00:00', closesAt: '02:00' }] }],
          pickup: { enabled: false },
          groups: ['overseas'],
        },
        {
          code: 'fiji',
          name: 'Taveuni',
          kind: 'WAREHOUSE',
          address: { country: 'FJ' },
          point: { latitude: -16.8, longitude: -179.99 },
          timeZone: 'Pacific/Fiji',
          active: false,
        },
        { code: 'lyon', hoursExceptions: [{ day: '2026-11-26', ranges: [] }] },
      ],
    },
  );
  expect(data.upsertLocations).toEqual({ created: 2, updated: 1 });
});
afterAll(() => app.close());

const HOURS = `query ($code: String!) {
  location(by: { code: $code }) { isOpen closesAt nextOpening openingDays(days: 2) { day exceptional ranges { opensAt closesAt } } }
}`;
const hoursOf = async (code: string) => (await app.gql(shop, HOURS, { code })).data.location;

test('the doors: open till evening, then closed till morning, by the local clock and its exceptions', async () => {
  const week = [{ opensAt: '09:00', closesAt: '19:00' }];
  expect(await hoursOf('lyon')).toEqual({
    isOpen: true,
    closesAt: '2026-11-25T18:00:00.000Z',
    nextOpening: '2026-11-27T08:00:00.000Z',
    openingDays: [
      { day: '2026-11-25', exceptional: false, ranges: week },
      { day: '2026-11-26', exceptional: true, ranges: [] },
    ],
  });
  // Open through the midnights up to the exception's 02:00, Réunion is four hours ahead of UTC.
  expect(await hoursOf('saint-denis')).toMatchObject({
    isOpen: true,
    closesAt: '2026-11-26T22:00:00.000Z',
    nextOpening: '2026-11-27T20:00:00.000Z',
  });
  expect(await hoursOf('fiji')).toMatchObject({ isOpen: false, closesAt: null, nextOpening: null });
  app.wait(12 * 60);
  expect(await hoursOf('paris')).toMatchObject({
    isOpen: false,
    closesAt: null,
    nextOpening: '2026-11-26T08:00:00.000Z',
  });
  expect((await hoursOf('saint-denis')).openingDays[0].day).toBe('2026-11-26');
  app.wait(-12 * 60);
});

const codesOf = async (filter: object | null): Promise<string[]> => {
  const { data } = await app.gql(
    shop,
    'query ($filter: LocationFilter) { locations(filter: $filter) { edges { node { code } } } }',
    { filter },
  );
  return data.locations.edges.map((e: { node: { code: string } }) => e.node.code);
};

test.each([
  [null, ['depot', 'lyon', 'paris', 'saint-denis']],
  [{ active: null }, ['depot', 'fiji', 'lyon', 'paris', 'saint-denis']],
  [{ active: false }, ['fiji']],
  [{ kind: 'SHOP' }, ['lyon', 'paris', 'saint-denis']],
  [{ group: 'south' }, ['lyon']],
  [{ group: "south' OR 1=1" }, []],
  [{ pickupEnabled: false }, ['saint-denis']],
  [{ search: 'reunion' }, ['saint-denis']],
  [{ search: 'ORLÉANS' }, ['depot']],
  [{ search: 'leclerc marechal' }, ['saint-denis']],
  [{ search: '%' }, []],
  [{ search: '' }, ['depot', 'lyon', 'paris', 'saint-denis']],
  [{ kind: 'SHOP', group: 'france', search: 'o' }, ['lyon']],
])('locations(filter: %j) are %j', async (filter, codes) => {
  expect(await codesOf(filter)).toEqual(codes);
});

test('pages go on behind the last code', async () => {
  const page = async (after: string | null) => {
    const { data } = await app.gql(
      shop,
      `query ($after: String) {
        locations(first: 3, after: $after) { edges { node { code } } pageInfo { endCursor hasNextPage } } }`,
      { after },
    );
    return data.locations;
  };
  const one = await page(null);
  expect(one.pageInfo.hasNextPage).toBe(true);
  const two = await page(one.pageInfo.endCursor);
  expect(two).toMatchObject({ edges: [{ node: { code: 'saint-denis' } }], pageInfo: { hasNextPage: false } });
});

describe('locationsNear', () => {
  const NEAR = `query ($latitude: Float!, $longitude: Float!, $radiusKm: Float, $first: Int, $filter: LocationFilter) {
    locationsNear(point: { latitude: $latitude, longitude: $longitude }, radiusKm: $radiusKm, first: $first, filter: $filter) {
      distanceKm location { code }
    }
  }`;
  const near = (args: Record<string, unknown>) =>
    app.gql(shop, NEAR, { latitude: 48.8566, longitude: 2.3522, radiusKm: 500, first: 20, ...args });
  const codes = async (args: Record<string, unknown>) =>
    (await near(args)).data.locationsNear.map((n: { location: { code: string } }) => n.location.code);

  test('is sorted by distance, within the radius, by the filter, at most first', async () => {
    const { data } = await near({});
    expect(data.locationsNear.map((n: { distanceKm: number }) => Math.round(n.distanceKm))).toEqual([
      0, 111, 391,
    ]);
    expect(await codes({})).toEqual(['paris', 'depot', 'lyon']);
    expect(await codes({ radiusKm: 391 })).toEqual(['paris', 'depot']);
    expect(await codes({ first: 1 })).toEqual(['paris']);
    expect(await codes({ filter: { kind: 'SHOP' } })).toEqual(['paris', 'lyon']);
  });

  test('looks across the antimeridian', async () => {
    const fiji = { latitude: -16.8, longitude: 179.99, radiusKm: 5 };
    expect(await codes(fiji)).toEqual([]);
    expect(await codes({ ...fiji, filter: { active: null } })).toEqual(['fiji']);
  });

  test('takes coordinates with more decimals than a float can square', async () => {
    const query = `mutation ($point: GeoPointInput!) {
      upsertLocations(input: { idempotencyKey: "null island", locations: [{
        code: "null-island", name: "Null Island", kind: WAREHOUSE, address: { country: "GH" }, timeZone: "Africa/Accra",
        point: $point, active: false }] }) { __typename } }`;
    await app.gql(await app.token('PLANNER'), query, { point: { latitude: 1e-200, longitude: -1e-310 } });
    const island = { latitude: 5e-324, longitude: 1e-170, filter: { active: null } };
    expect((await near(island)).data.locationsNear).toEqual([
      { distanceKm: 0, location: { code: 'null-island' } },
    ]);
  });

  test.each([
    ['a point off the globe', { latitude: 90.1 }, /latitude 90.1/],
    ['no radius', { radiusKm: 0 }, /radiusKm is 0/],
    ['the whole globe', { radiusKm: 20_000 }, /at most 2000/],
    ['too many', { first: 100_000 }, /1 to 200|cost|complexity/],
  ])('refuses %s', async (_what, args, message) => {
    const { data, errors } = await near(args);
    expect(data?.locationsNear ?? null).toBeNull();
    expect(errors?.[0]?.message).toMatch(message);
    expect(errors?.[0]?.extensions?.code).toMatch(/INVALID_INPUT|QUERY_TOO_LARGE/);
  });
});

test('groups, unknown codes, and hostile ones', async () => {
  const { data } = await app.gql(
    shop,
    '{ locationGroups { code locationCount } location(by: { code: "nope" }) { code } }',
  );
  expect(data).toEqual({
    location: null,
    locationGroups: [
      { code: 'france', locationCount: 3 },
      { code: 'north', locationCount: 1 },
      { code: 'overseas', locationCount: 1 },
      { code: 'south', locationCount: 1 },
    ],
  });
  const { errors } = await app.gql(shop, '{ location(by: { code: "a\\u0000" }) { code } }');
  expect(errors?.[0]?.extensions?.code).toBe('INVALID_INPUT');
  const many = await app.gql(shop, '{ location(by: { code: "paris" }) { openingDays(days: 5000) { day } } }');
  expect(many.errors?.[0]?.extensions?.code).toMatch(/INVALID_INPUT|QUERY_TOO_LARGE/);
});
