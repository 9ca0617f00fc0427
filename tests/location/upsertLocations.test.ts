// upsertLocations: locations in bulk, with a part of the fields, all or none.

import { startApp, type TestApp } from '../support/app';

const UPSERT = `mutation ($input: UpsertLocationsInput!) {
  upsertLocations(input: $input) {
    __typename
    ... on Refusal { message }
    ... on InvalidInput { path }
    ... on KeyReused { firstAction }
    ... on UpsertLocationsSuccess {
      created updated unchanged
      locations {
        code name kind address { street postalCode city country } point { latitude longitude } timeZone
        weeklyHours { weekday opensAt closesAt } hoursExceptions { day ranges { opensAt closesAt } }
        pickup { enabled leadMinutes cutOff capacityPerHour keepDays } transferLeadMinutes groups active
      }
    }
  }
}`;

let app: TestApp;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'sofia');
});
afterAll(() => app.close());

let keys = 0;
const upsert = async (locations: unknown[], token = planner, idempotencyKey = `k${++keys}`) =>
  app.gql(token, UPSERT, { input: { idempotencyKey, locations } });
const told = async (locations: unknown[]) => (await upsert(locations)).data.upsertLocations;

const LILLE = {
  code: 'lille-bethune',
  name: 'Lille Béthune',
  kind: 'SHOP',
  address: { street: '12 rue de Béthune', postalCode: '59800', city: 'Lille', country: 'FR' },
  point: { latitude: 50.6345, longitude: 3.0632 },
  timeZone: 'Europe/Paris',
  weeklyHours: [
    { weekday: 6, opensAt: '10:00', closesAt: '13:00' },
    { weekday: 6, opensAt: '14:00', closesAt: '24:00' },
  ],
  hoursExceptions: [
    { day: '2026-12-20', ranges: [{ opensAt: '11:00', closesAt: '18:00' }] },
    { day: '2026-12-25', ranges: [] },
  ],
  pickup: { enabled: true, leadMinutes: 45, cutOff: '18:30', capacityPerHour: 9, keepDays: 6 },
  transferLeadMinutes: 600,
  groups: ['north', 'france'],
};

test('creates with every field, changes only what is given, however deep', async () => {
  const all = { ...LILLE, active: true };
  expect(await told([LILLE])).toEqual({
    __typename: 'UpsertLocationsSuccess',
    created: 1,
    updated: 0,
    unchanged: 0,
    locations: [all],
  });
  expect(await told([LILLE])).toMatchObject({ created: 0, updated: 0, unchanged: 1, locations: [all] });
  const part = {
    code: LILLE.code,
    address: { street: '14 rue de Béthune' },
    pickup: { cutOff: null, keepDays: 7 },
    groups: ['north', 'north'],
    active: false,
  };
  expect(await told([part])).toMatchObject({
    updated: 1,
    locations: [
      {
        ...all,
        address: { ...LILLE.address, street: '14 rue de Béthune' },
        pickup: { ...LILLE.pickup, cutOff: null, keepDays: 7 },
        groups: ['north'],
        active: false,
      },
    ],
  });
});

test('a new location with the fewest fields gets the defaults', async () => {
  const { name, kind, point, timeZone } = LILLE;
  const least = { code: 'least', name, kind, point, timeZone, address: { country: 'BE' } };
  expect(await told([least])).toMatchObject({
    created: 1,
    locations: [
      {
        address: { street: '', postalCode: '', city: '', country: 'BE' },
        weeklyHours: [],
        hoursExceptions: [],
        pickup: { enabled: true, leadMinutes: 120, cutOff: null, capacityPerHour: 20, keepDays: 5 },
        transferLeadMinutes: 1440,
        groups: [],
        active: true,
      },
    ],
  });
});

test('the same key has one effect; with another request it is refused', async () => {
  const places = [{ ...LILLE, code: 'repeat' }];
  const answers = await Promise.all(Array.from({ length: 10 }, () => upsert(places, planner, 'again')));
  for (const { data } of answers) expect(data.upsertLocations).toMatchObject({ created: 1, updated: 0 });
  const other = await upsert([{ ...LILLE, code: 'repeat-2' }], planner, 'again');
  expect(other.data.upsertLocations).toMatchObject({ __typename: 'KeyReused' });
});

const place = (fields: object) => [{ ...LILLE, code: 'bad', ...fields }];
const hours = (opensAt: string, closesAt: string, weekday = 1) =>
  place({ weeklyHours: [{ weekday, opensAt, closesAt }] });
test.each([
  ['a time zone that is none', place({ timeZone: 'Europe/Lille' }), 'timeZone', /not an IANA time zone/],
  ['a fixed offset', place({ timeZone: '+02:00' }), 'timeZone', /not an IANA time zone/],
  ['a huge time zone', place({ timeZone: 'x'.repeat(100_000) }), 'timeZone', /not an IANA time zone/],
  ['hours backwards', hours('19:00', '09:00'), 'weeklyHours', /two ranges/],
  ['hours that are no times', hours('9', '19:00'), 'weeklyHours', /HH:MM/],
  ['an eighth weekday', hours('09:00', '19:00', 8), 'weeklyHours', /1 is Monday, 7 is Sunday/],
  [
    'hours that overlap',
    place({ weeklyHours: [...LILLE.weeklyHours, { weekday: 6, opensAt: '12:00', closesAt: '15:00' }] }),
    'weeklyHours',
    /overlaps/,
  ],
  [
    'a day with two exceptions',
    place({ hoursExceptions: [...LILLE.hoursExceptions, { day: '2026-12-25', ranges: [] }] }),
    'hoursExceptions',
    /more than one exception/,
  ],
  ['a pole further north', place({ point: { latitude: 91, longitude: 0 } }), 'point', /latitude 91/],
  ['no such country', place({ address: { country: 'fr' } }), 'address.country', /ISO 3166-1/],
  ['the code of no country', place({ address: { country: 'ZZ' } }), 'address.country', /ISO 3166-1/],
  ['a code with a slash', [{ ...LILLE, code: 'a/b' }], 'code', /must begin with/],
  ['a group with a space', place({ groups: ['a b'] }), 'groups.0', /a group 'a b'/],
  ['no capacity', place({ pickup: { capacityPerHour: 0 } }), 'pickup', /1 to 10000/],
  ['a cut-off that is no time', place({ pickup: { cutOff: '25:00' } }), 'pickup', /HH:MM/],
  ['a lead before the plan', place({ transferLeadMinutes: -1 }), 'transferLeadMinutes', /0 to/],
  ['no name', [{ ...LILLE, code: 'bad', name: undefined }], 'name', /is new and needs it/],
  ['no country', [{ ...LILLE, code: 'bad', address: {} }], 'address.country', /is new and needs it/],
])('refuses %s', async (_what, locations, path, message) => {
  const { status, data } = await upsert(locations);
  expect(status).toBe(200);
  expect(data.upsertLocations).toMatchObject({
    __typename: 'InvalidInput',
    path: `locations.0.${path}`,
    message: expect.stringMatching(message),
  });
  expect(data.upsertLocations.message.length).toBeLessThan(500);
  expect(await app.db.rows("SELECT code FROM location WHERE code IN ('bad', 'a/b')")).toEqual([]);
});

test('refuses a location named twice, none, and ten thousand', async () => {
  const code = 'paris';
  expect(await told([{ code }, { code }])).toMatchObject({ path: 'locations.1.code' });
  expect(await told([])).toMatchObject({ path: 'locations' });
  const many = Array.from({ length: 10_000 }, (_, i) => ({ code: `l${i}` }));
  expect(await told(many)).toMatchObject({ path: 'locations', message: expect.stringMatching(/1 to 1000/) });
  const badDay = await upsert([{ code, hoursExceptions: [{ day: '2026-02-30', ranges: [] }] }]);
  expect(badDay.data).toBeUndefined();
  expect(badDay.errors?.[0]?.message).toMatch(/2026-02-30/);
});

test('is for planners and administrators', async () => {
  const { data } = await upsert([{ code: 'paris', name: 'Paris!' }], await app.token('ADMIN'));
  expect(data.upsertLocations).toMatchObject({ updated: 1 });
  for (const role of ['STOREFRONT', 'STAFF', 'FEED'] as const) {
    const { errors } = await upsert([{ code: 'paris', name: 'No' }], await app.token(role, role, ['paris']));
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  }
});
