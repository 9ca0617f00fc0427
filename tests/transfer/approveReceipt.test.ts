// Receipts with a big discrepancy wait for a planner's approval, like counts.

import { startApp, type TestApp } from '../support/app';
import { freshKey, type TransferLineRequest, transfersOn } from './support';

const RECEIPT = `__typename ... on Refusal { message } ... on WrongState { state allowedStates }`;
const FIELDS = `awaitsApproval discrepancies { sku { code } sent received }
  transfer { status awaitsApproval countedAt lines { quantity received counted } }`;
const RECEIVE = `mutation ($input: ReceiveTransferInput!) { receiveTransfer(input: $input) {
  ${RECEIPT} ... on ReceiveTransferSuccess { ${FIELDS} } } }` as const;
const APPROVE = `mutation ($input: ApproveTransferReceiptInput!) { approveTransferReceipt(input: $input) {
  ${RECEIPT} ... on ApproveTransferReceiptSuccess { ${FIELDS} } } }` as const;

let app: TestApp;
let on: ReturnType<typeof transfersOn>;
let depot: string;
let paris: string;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  on = transfersOn(app);
  depot = await app.token('STAFF', 'denis', ['depot']);
  paris = await app.token('STAFF', 'anna', ['paris']);
  planner = await app.token('PLANNER');
  await on.stock(depot, 'depot', [{ sku: 'MUG', quantity: 1_000 }]);
});
afterAll(() => app.close());

async function onTheRoad(lines: TransferLineRequest[]): Promise<string> {
  const { id } = await on.draft(depot, lines);
  await on.act('dispatchTransfer', depot, id);
  return id;
}
const receive = async (token: string, transfer: string, quantity: number) =>
  (
    await app.gql(token, RECEIVE, {
      input: { idempotencyKey: freshKey(), transfer, lines: [{ sku: 'MUG', quantity }] },
    })
  ).data?.receiveTransfer;
const approve = (token: string, transfer: string) =>
  app.gql(token, APPROVE, { input: { idempotencyKey: freshKey(), transfer } });
const waiting = async () => {
  const query = '{ transfers(filter: { awaitsApproval: true }) { edges { node { id } } } }';
  return (await app.gql(planner, query)).data.transfers.edges.map((e: { node: { id: string } }) => e.node.id);
};

test('a thousand units counted where ten were sent are not stock before a planner approves them', async () => {
  const id = await onTheRoad([{ sku: 'MUG', quantity: 10 }]);
  const before = await on.level('paris', 'MUG');
  const counted = await receive(paris, id, 1_000);
  expect(counted).toMatchObject({
    awaitsApproval: true,
    discrepancies: [{ sku: { code: 'MUG' }, sent: 10, received: 1_000 }],
    transfer: { status: 'DISPATCHED', awaitsApproval: true, lines: [{ received: 0, counted: 1_000 }] },
  });
  expect(await on.level('paris', 'MUG')).toEqual(before);
  expect(await waiting()).toEqual([id]);
  // The shop counts again, still far off, and then right: the last count is the one that counts.
  await receive(paris, id, 500);
  const { errors } = await approve(paris, id);
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const right = await receive(paris, id, 11);
  expect(right).toMatchObject({
    awaitsApproval: false,
    transfer: { status: 'RECEIVED', awaitsApproval: false },
  });
  expect(await waiting()).toEqual([]);
  expect((await on.level('paris', 'MUG')).available).toBe(before.available + 11);
});

test('a planner books what was counted, once', async () => {
  const id = await onTheRoad([{ sku: 'MUG', quantity: 100 }]);
  const before = await on.level('paris', 'MUG');
  expect(await receive(paris, id, 60)).toMatchObject({ awaitsApproval: true });
  const answers = await Promise.all([approve(planner, id), approve(planner, id)]);
  const done = answers.map((a) => a.data.approveTransferReceipt);
  expect(done.map((d) => d.__typename).sort()).toEqual(['ApproveTransferReceiptSuccess', 'WrongState']);
  expect(done.find((d) => d.transfer)).toMatchObject({
    awaitsApproval: false,
    discrepancies: [{ sent: 100, received: 60 }],
    transfer: { status: 'RECEIVED', lines: [{ received: 60, counted: 60 }] },
  });
  expect(await on.level('paris', 'MUG')).toMatchObject({
    available: before.available + 60,
    inTransit: before.inTransit - 100,
  });
});

test('within the tolerance, or by who may approve, a receipt is booked at once', async () => {
  expect(await receive(paris, await onTheRoad([{ sku: 'MUG', quantity: 100 }]), 81)).toMatchObject({
    awaitsApproval: false,
  });
  expect(await receive(paris, await onTheRoad([{ sku: 'MUG', quantity: 5 }]), 15)).toMatchObject({
    awaitsApproval: false,
  });
  expect(await receive(planner, await onTheRoad([{ sku: 'MUG', quantity: 100 }]), 10)).toMatchObject({
    awaitsApproval: false,
  });
});

test('nothing waits before it was counted', async () => {
  const { data } = await approve(planner, await onTheRoad([{ sku: 'MUG', quantity: 1 }]));
  expect(data.approveTransferReceipt).toMatchObject({
    __typename: 'WrongState',
    state: 'NOT_COUNTED',
    allowedStates: ['COUNTED'],
  });
});
