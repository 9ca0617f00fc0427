// A storefront sells through its own channels: in every request that takes a channel, another one is Forbidden.

import { subscribe } from '../push/support';
import { freshKey, holdsOn } from '../reservation/support';
import { startApp, type TestApp } from '../support/app';
import { administer } from './support';

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
let admin: string;
/** A storefront of two channels that are not the web channel. */
let market: string;
let sku: string;

/** Makes a storefront as an administrator does, and gives its token. */
async function storefront(name: string, channels?: string[]): Promise<{ id: string; token: string }> {
  const { actor } = await administer(app, admin, 'createActor', { name, role: 'STOREFRONT', channels });
  const { token } = await administer(app, admin, 'createToken', { actor: actor.id });
  return { id: actor.id, token };
}

beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
  admin = await app.token('ADMIN', 'chief');
  ({ token: market } = await storefront('market', ['MARKETPLACE', 'APP']));
  sku = await holds.stocked(10);
  await holds.keepBack(sku, 'ONLINE', 8);
});
afterAll(() => app.close());

const AT = '{ locations: ["paris"] }';
const NEAR = '{ latitude: 48.85, longitude: 2.35 }';
const CUSTOMER = { name: 'Anne', email: 'anne@example.com' };

/** Every request that takes a channel, asked with one or with none. */
const doors: [string, (token: string, channel?: string) => Promise<{ code?: unknown; answer?: unknown }>][] =
  [
    ...(
      [
        [
          'availability',
          (c: string) => `{ answer: availability(skus: ["${sku}"], at: ${AT}${c}) { locations { band } } }`,
        ],
        [
          'Sku.availability',
          (c: string) => `{ answer: sku(by: { code: "${sku}" }) { availability(at: ${AT}${c}) { band } } }`,
        ],
        [
          'pickupOptions',
          (c: string) =>
            `{ answer: pickupOptions(lines: [{ sku: "${sku}", quantity: 1 }], near: ${NEAR}${c}) { kind } }`,
        ],
      ] as const
    ).map(
      ([name, query]) =>
        [
          name,
          async (token: string, channel?: string) => {
            const { data, errors } = await app.gqlUntyped(
              token,
              query(channel ? `, channel: "${channel}"` : ''),
            );
            return { code: errors?.[0]?.extensions?.code, answer: data?.answer };
          },
        ] as [string, (token: string, channel?: string) => Promise<{ code?: unknown; answer?: unknown }>],
    ),
    [
      'availabilityChanged',
      async (token, channel) => {
        const more = channel ? `, channel: "${channel}"` : '';
        const query =
          `subscription { availabilityChanged(skus: ["${sku}"], locations: ["paris"]${more}) { band } }` as const;
        const stream = await subscribe(app.url, token, query);
        const event = await stream.next();
        stream.close();
        return { code: event?.errors?.[0]?.extensions?.code, answer: event?.data };
      },
    ],
    [
      'reserveStock',
      async (token, channel) => {
        const answer = await holds.reserve([{ sku, quantity: 1 }], { channel, allowPartial: true }, token);
        return { code: answer.errors?.[0]?.extensions?.code, answer: answer.__typename };
      },
    ],
    [
      'placeOrder',
      async (token, channel) => {
        const input = { idempotencyKey: freshKey(), customer: CUSTOMER, payment: 'PAID', channel };
        const { data, errors } = await app.gql(
          token,
          'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }',
          { input: { ...input, location: 'paris', lines: [{ sku, quantity: 1 }] } },
        );
        return { code: errors?.[0]?.extensions?.code, answer: data?.placeOrder };
      },
    ],
  ];

test.each(doors)('%s takes the channels of the token, and no other', async (_name, ask) => {
  expect((await ask(holds.shop, 'MARKETPLACE')).code).toBe('FORBIDDEN');
  expect(await ask(holds.shop, 'ONLINE')).toMatchObject({ code: undefined, answer: expect.anything() });
  expect((await ask(market, 'ONLINE')).code).toBe('FORBIDDEN');
  expect(await ask(market, 'APP')).toMatchObject({ code: undefined, answer: expect.anything() });
  expect(await ask(market)).toMatchObject({ code: undefined, answer: expect.anything() });
});

test('the safety stock of the web channel cannot be stepped past by naming another', async () => {
  const shelf = await holds.stocked(6);
  await holds.keepBack(shelf, 'ONLINE', 6);
  const refused = await holds.reserve([{ sku: shelf, quantity: 1 }], { channel: 'PHONE' });
  expect(refused.errors?.[0]).toMatchObject({
    message: expect.stringMatching(/sells through ONLINE; channel PHONE is not its own.*updateActor/),
    extensions: { code: 'FORBIDDEN' },
  });
  expect(await holds.level(shelf)).toEqual({ available: 6, reserved: 0 });
});

test('without a channel a storefront sells through its own: the web channel where it has it', async () => {
  expect((await holds.reserve([{ sku, quantity: 1 }], {}, market)).reservation.channel).toBe('MARKETPLACE');
  const { token } = await storefront('both', ['APP', 'ONLINE']);
  const other = await holds.stocked(1);
  expect((await holds.reserve([{ sku: other, quantity: 1 }], {}, token)).reservation.channel).toBe('ONLINE');
});

test('an administrator gives and takes channels, and everyone sees their own', async () => {
  const { id, token } = await storefront('growing');
  const channels = async () => (await app.gql(token, '{ viewer { channels } }')).data.viewer.channels;
  expect(await channels()).toEqual(['ONLINE']);
  await administer(app, admin, 'updateActor', { actor: id, channels: ['APP', 'APP'] });
  expect(await channels()).toEqual(['APP']);
  await administer(app, admin, 'updateActor', { actor: id, name: 'grown' });
  expect(await channels()).toEqual(['APP']);
  const { data } = await app.gql(admin, '{ actors(first: 50) { nodes: edges { node { name channels } } } }');
  const nodes = data.actors.nodes.map((edge: { node: object }) => edge.node);
  expect(nodes).toContainEqual({ name: 'grown', channels: ['APP'] });
  expect(nodes).toContainEqual({ name: 'chief', channels: [] });
  await administer(app, admin, 'updateActor', { actor: id, role: 'FEED' });
  expect(await channels()).toEqual([]);
});

test.each([
  ['of a planner', { role: 'PLANNER', channels: ['APP'] }, 'channels'],
  ['in small letters', { role: 'STOREFRONT', channels: ['ONLINE', 'app'] }, 'channels.1'],
  [
    'that are too many',
    { role: 'STOREFRONT', channels: Array.from({ length: 51 }, (_, i) => `C${i}`) },
    'channels',
  ],
])('channels %s are refused', async (_what, input, path) => {
  const answer = await administer(app, admin, 'createActor', { name: 'x', ...input });
  expect(answer).toMatchObject({ __typename: 'InvalidInput', path });
});
