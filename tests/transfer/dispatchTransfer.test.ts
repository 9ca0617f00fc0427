// dispatchTransfer and cancelTransfer: a draft leaves or is called off, never both.

import { startApp, type TestApp } from '../support/app';
import { transfersOn } from './support';

let app: TestApp;
let on: ReturnType<typeof transfersOn>;
let depot: string;
let paris: string;
beforeAll(async () => {
  app = await startApp();
  on = transfersOn(app);
  depot = await app.token('STAFF', 'denis', ['depot']);
  paris = await app.token('STAFF', 'anna', ['paris']);
  await on.stock(depot, 'depot', [
    { sku: 'MUG', quantity: 100 },
    { sku: 'LAMP', quantity: 100 },
  ]);
});
afterAll(() => app.close());

test('the units leave the source and are in transit to the destination', async () => {
  const draft = await on.draft(depot, [{ sku: 'MUG', quantity: 10 }]);
  app.wait(30);
  const { answer } = await on.act('dispatchTransfer', depot, draft.id);
  expect(answer.transfer).toMatchObject({
    status: 'DISPATCHED',
    dispatchedAt: app.parts.clock().toISOString(),
    closedAt: null,
  });
  expect(await on.level('depot', 'MUG')).toEqual({ available: 90, reserved: 0, inTransit: 0 });
  expect(await on.level('paris', 'MUG')).toEqual({ available: 0, reserved: 0, inTransit: 10 });
  const told = await app.db.rows(`SELECT payload FROM outbox WHERE topic = 'transfer.dispatched'`);
  expect(told).toEqual([
    {
      payload: {
        transferId: expect.any(String),
        number: draft.number,
        from: 'depot',
        to: 'paris',
        orderId: null,
      },
    },
  ]);
});

test('a second tap: the same key gets the first answer, another key gets the state', async () => {
  const draft = await on.draft(depot, [{ sku: 'MUG', quantity: 1 }]);
  const first = await on.act('dispatchTransfer', depot, draft.id, { idempotencyKey: 'tap' });
  const again = await on.act('dispatchTransfer', depot, draft.id, { idempotencyKey: 'tap' });
  expect(again.answer).toEqual(first.answer);
  const other = await on.act('dispatchTransfer', depot, draft.id);
  expect(other.answer).toMatchObject({
    __typename: 'WrongState',
    what: 'Transfer',
    key: draft.number,
    state: 'DISPATCHED',
    allowedStates: ['DRAFT'],
  });
});

test('a draft called off gives its units back; what has left cannot be called off', async () => {
  const before = await on.level('depot', 'LAMP');
  const draft = await on.draft(depot, [{ sku: 'LAMP', quantity: 7 }]);
  const { answer } = await on.act('cancelTransfer', depot, draft.id);
  expect(answer.transfer).toMatchObject({ status: 'CANCELLED', closedAt: expect.any(String) });
  expect(await on.level('depot', 'LAMP')).toEqual(before);

  const gone = await on.draft(depot, [{ sku: 'LAMP', quantity: 1 }]);
  await on.act('dispatchTransfer', depot, gone.id);
  const late = await on.act('cancelTransfer', depot, gone.id);
  expect(late.answer).toMatchObject({ __typename: 'WrongState', state: 'DISPATCHED' });
});

test('dispatch against cancel, ten times: exactly one of the two happens', async () => {
  for (let round = 0; round < 10; round += 1) {
    const draft = await on.draft(depot, [
      { sku: 'LAMP', quantity: 1 },
      { sku: 'MUG', quantity: 1 },
    ]);
    const both = await Promise.all([
      on.act('dispatchTransfer', depot, draft.id),
      on.act('cancelTransfer', depot, draft.id),
    ]);
    const kinds = both.map(({ answer }) => answer.__typename);
    expect(kinds.filter((k) => k === 'WrongState')).toHaveLength(1);
  }
});

test.each(['dispatchTransfer', 'cancelTransfer'] as const)(
  '%s is for the source’s people only',
  async (name) => {
    const draft = await on.draft(depot, [{ sku: 'MUG', quantity: 1 }]);
    const storefront = await app.token('STOREFRONT');
    for (const token of [paris, storefront]) {
      const { errors } = await on.act(name, token, draft.id);
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
    expect((await on.act(name, null, draft.id)).errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  },
);

test.each(['dispatchTransfer', 'cancelTransfer', 'receiveTransfer'] as const)(
  '%s of what is not there',
  async (name) => {
    const id = (key: string) => Buffer.from(key).toString('base64');
    const unknown = await on.act(name, depot, id('Transfer:01930000-0000-7000-8000-000000000000'));
    expect(unknown.answer).toMatchObject({ __typename: 'NotFound', what: 'Transfer' });
    for (const wrong of ['nonsense', id('Transfer:1'), id("Transfer:' OR 1=1"), id('Sku:1')]) {
      const { errors } = await on.act(name, depot, wrong);
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
    }
  },
);
