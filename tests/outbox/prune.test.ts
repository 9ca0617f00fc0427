// The outbox forgets what was dealt with long ago, and nothing else.

import { KEEP_DAYS, pruneOutbox } from '../../src/outbox/actions/prune';
import { startApp, type TestApp } from '../support/app';
import { jobNamed } from '../support/jobs';
import { answering, dispatch, type Receiver, register, startReceiver, tell } from './support';

const DAY_MINUTES = 24 * 60;

let app: TestApp;
let receiver: Receiver;
beforeEach(async () => {
  app = await startApp();
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  await app.close();
});

const note = (n: number) => ({ topic: 'replenishment.proposed', payload: { n } }) as const;
const kept = async () =>
  (await app.db.rows<{ n: number }>(`SELECT (payload->>'n')::int AS n FROM outbox ORDER BY n`)).map(
    (r) => r.n,
  );
const deliveries = async () =>
  (await app.db.rows<{ status: string }>('SELECT status::text FROM webhook_delivery ORDER BY 1')).map(
    (r) => r.status,
  );
const age = (days: number) => app.wait(days * DAY_MINUTES);

test('what was delivered, given up or wanted by nobody goes when it is old; what still waits stays', async () => {
  await tell(app, note(0));
  await dispatch(app); // nobody wants it
  await register(app, await app.token('ADMIN'), receiver.url, ['replenishment.proposed']);
  await app.db.rows('UPDATE outbox SET fanned_out_at = created_at');
  await tell(app, note(1));
  await dispatch(app);
  await tell(app, note(2));
  receiver.answer = answering(500);
  await dispatch(app);
  await app.db.rows(`UPDATE webhook_delivery SET status = 'DEAD' WHERE status = 'PENDING'`);
  await tell(app, note(3));
  await dispatch(app); // is to be tried again
  await tell(app, note(4)); // was never looked at
  age(KEEP_DAYS);
  await tell(app, note(5));
  expect(await pruneOutbox(app.db, app.parts.clock())).toEqual({ pruned: 0 });
  age(1);
  const told: number[] = [];
  const progress = async ({ pruned }: Record<string, number>) => told.push(pruned!) > 0;
  expect(await jobNamed('pruneOutbox').run(app.parts, app.parts.clock(), progress)).toEqual({ pruned: 3 });
  expect(await kept()).toEqual([3, 4, 5]);
  expect(await deliveries()).toEqual(['PENDING']);
});

test('it goes in batches, stops when it is told to, and goes on later', async () => {
  await tell(app, ...Array.from({ length: 25 }, (_, n) => note(n)));
  await dispatch(app);
  age(KEEP_DAYS + 1);
  await tell(app, ...Array.from({ length: 5 }, (_, n) => note(25 + n)));
  const now = app.parts.clock();
  const seen: number[] = [];
  const until = (count: number) => async (pruned: number) => seen.push(pruned) < count;
  expect(await pruneOutbox(app.db, now, until(2), 10)).toEqual({ pruned: 20 });
  expect(seen).toEqual([10, 20]);
  expect(await pruneOutbox(app.db, now, until(9), 10)).toEqual({ pruned: 5 });
  expect(await kept()).toEqual([25, 26, 27, 28, 29]);
  expect(await pruneOutbox(app.db, now)).toEqual({ pruned: 0 });
});

test('many that stay do not hide those behind them, and an empty outbox is no trouble', async () => {
  expect(await pruneOutbox(app.db, app.parts.clock())).toEqual({ pruned: 0 });
  await tell(app, ...Array.from({ length: 12 }, (_, n) => note(n)));
  age(1);
  await tell(app, note(12));
  await app.db.rows(`UPDATE outbox SET fanned_out_at = created_at WHERE payload->>'n' = '12'`);
  age(KEEP_DAYS + 1);
  expect(await pruneOutbox(app.db, app.parts.clock(), async () => true, 5)).toEqual({ pruned: 1 });
  expect(await kept()).toHaveLength(12);
});
