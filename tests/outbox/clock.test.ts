// A clock that was ahead and is set right again: messages of that hour do not wait for it to come.

import { DELIVER_LIMITS, deliverOutbox } from '../../src/outbox/actions/deliver';
import { startApp, type TestApp } from '../support/app';
import { type Receiver, register, startReceiver, tell } from './support';

const HOUR_MS = 3_600_000;

let app: TestApp;
let receiver: Receiver;
beforeAll(async () => {
  app = await startApp();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await app.close();
});

test('what was fanned out by a clock an hour ahead is sent by one that is right', async () => {
  await register(app, await app.token('ADMIN'), receiver.url, ['order.*']);
  await tell(app, { topic: 'order.placed', payload: { number: 'C-1' } });
  // The first look at the clock is the fan-out's.
  let looks = 0;
  const clock = (): Date => {
    looks += 1;
    return new Date(Date.now() + (looks === 1 ? HOUR_MS : 0));
  };
  const done = await deliverOutbox({ ...app.parts, clock }, async () => new Map(), DELIVER_LIMITS);
  expect(done).toMatchObject({ fannedOut: 1, delivered: 1 });
  expect(receiver.got).toHaveLength(1);
});
