// verifyReservation: a certificate is held against the ledger, and whoever tampered with either is found out.

import { decodeGlobalID } from '../../src/graphql/ids';
import { startApp, type TestApp } from '../support/app';
import { holdsOn } from './support';

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
  planner = await app.token('PLANNER');
});
afterAll(() => app.close());

const VERIFY = `query ($id: ID!) { verifyReservation(id: $id) { isConsistent reservation { id }
  lines { reserved moved wasAvailable replayed problems } } }`;
const verify = async (id: string, token = planner) => {
  const { data, errors } = await app.gql(token, VERIFY, { id });
  return data?.verifyReservation ?? errors?.[0]?.extensions?.code ?? null;
};
const right = (line: object) => ({ isConsistent: true, lines: [{ ...line, problems: [] }] });

test('many reservations at once on one shelf: every certificate is right, of those that got less too', async () => {
  const sku = await holds.stocked(50);
  await holds.keepBack(sku, null, 5);
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      holds.reserve([{ sku, quantity: 1 + (i % 3) }], { allowPartial: true, holder: `h${i % 30}` }),
    ),
  );
  const made = answers.filter((answer) => answer.reservation);
  expect(made.length).toBeGreaterThan(10);
  for (const { reservation } of made) {
    expect(await verify(reservation.id)).toMatchObject({ isConsistent: true });
  }
});

test('a reservation replaced by its holder, above a safety stock raised in between', async () => {
  const sku = await holds.stocked(10);
  const first = await holds.reserve([{ sku, quantity: 8 }], { holder: 'basket' });
  await holds.keepBack(sku, null, 6);
  const second = await holds.reserve([{ sku, quantity: 7 }], { holder: 'basket' });
  expect(await verify(first.reservation.id)).toMatchObject(
    right({ reserved: 8, moved: 8, wasAvailable: 10, replayed: 10 }),
  );
  expect(await verify(second.reservation.id)).toMatchObject(
    right({ reserved: 7, moved: 7, wasAvailable: 10, replayed: 10 }),
  );
});

test('what came free of a reservation past its time counts; later moves change nothing', async () => {
  const sku = await holds.stocked(3);
  await holds.reserve([{ sku, quantity: 3 }], { holdMinutes: 1 });
  await app.wait(2);
  const { reservation } = await holds.reserve([{ sku, quantity: 2 }]);
  await holds.receive(sku, 100);
  await holds.release(reservation.id);
  expect(await verify(reservation.id)).toMatchObject(
    right({ reserved: 2, moved: 2, wasAvailable: 3, replayed: 3 }),
  );
});

test('a line of a partial basket that got nothing', async () => {
  const there = await holds.stocked(1);
  const gone = await holds.stocked(0);
  const { reservation } = await holds.reserve(
    [
      { sku: there, quantity: 1 },
      { sku: gone, quantity: 1 },
    ],
    { allowPartial: true },
  );
  expect(await verify(reservation.id)).toMatchObject({
    isConsistent: true,
    lines: [{ reserved: 1 }, { reserved: 0, moved: 0, replayed: 0 }],
  });
});

test('a certificate or a ledger changed by hand is found out', async () => {
  const sku = await holds.stocked(10);
  const { reservation } = await holds.reserve([{ sku, quantity: 2 }]);
  const { id } = decodeGlobalID(reservation.id) as { id: string };
  const forge = (field: string, value: number) =>
    app.db.rows(
      `UPDATE reservation SET certificate = jsonb_set(certificate, ARRAY['lines', '0', $2], to_jsonb($3::int)) WHERE id = $1`,
      [id, field, value],
    );
  await forge('wasAvailable', 12);
  await forge('remaining', 9);
  expect(await verify(reservation.id)).toMatchObject({
    isConsistent: false,
    lines: [
      {
        problems: [
          'The certificate states 12 available units; the ledger has 10.',
          '12 − 2 is not 9, which the certificate states as remaining.',
        ],
      },
    ],
  });
  await forge('wasAvailable', 10);
  await forge('remaining', 8);
  expect(await verify(reservation.id)).toMatchObject({ isConsistent: true });
  await forge('held', 3);
  await forge('remaining', 7);
  await forge('safetyStock', 8);
  expect(await verify(reservation.id)).toMatchObject({
    lines: [
      {
        problems: [
          'The certificate states 3 reserved units; the ledger moved 2.',
          '3 units were reserved, but only 2 requested.',
          '3 units were reserved, but only 2 could be promised (10 − safety stock 8).',
        ],
      },
    ],
  });
});

test('who may not see exact numbers learns whether its own reservation is right; of other locations nothing is shown', async () => {
  const sku = await holds.stocked(1);
  const { reservation } = await holds.reserve([{ sku, quantity: 1 }]);
  expect(await verify(reservation.id, holds.shop)).toMatchObject(
    right({ reserved: 1, moved: 1, wasAvailable: null, replayed: null }),
  );
  expect(await verify(reservation.id, await app.token('STAFF', 'luc', ['lyon']))).toBeNull();
  expect(await verify(reservation.id, await app.token('STAFF', 'anna', ['paris']))).toMatchObject({
    isConsistent: true,
  });
});
