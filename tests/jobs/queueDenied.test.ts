// A database user that may not create the schema of the queue: runs are executed by the process that claims them.

import { openDb } from '../../src/db/pool';
import { startApp, type TestApp } from '../support/app';
import { createTestTables, machineOf, TEST_JOB } from './queue/machine';

const ROLE = `no_create_${process.pid}`;

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  await createTestTables(app.db);
  const grants = [
    `CREATE ROLE ${ROLE} LOGIN PASSWORD 'jobs'`,
    `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${ROLE}`,
    `GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${ROLE}`,
    'DROP SCHEMA IF EXISTS graphile_worker CASCADE',
  ];
  for (const grant of grants) await app.db.rows(grant);
});
afterAll(async () => {
  await app.db.rows(`DROP OWNED BY ${ROLE}`);
  await app.db.rows(`DROP ROLE ${ROLE}`);
  await app.close();
});

test('a run is executed without the queue, until the user may create its schema', async () => {
  const url = new URL(app.databaseUrl);
  url.username = ROLE;
  url.password = 'jobs';
  const db = openDb(url.href, 2);
  const { queue, runner } = machineOf({ ...app.parts, db, clock: () => new Date() }, 'denied');
  try {
    await app.db.rows('INSERT INTO test_plan VALUES (5, 0)');
    expect(await runner.runDue(TEST_JOB, new Date())).toEqual({ ran: true, figures: { tasks: 5, done: 5 } });
    expect(await app.db.rows('SELECT * FROM job_worker')).toEqual([]);

    const [name] = await app.db.rows<{ name: string }>('SELECT current_database() AS name');
    await app.db.rows(`GRANT CREATE ON DATABASE "${name!.name}" TO ${ROLE}`);
    await app.db.rows('DELETE FROM test_result');
    expect(await runner.runDue(TEST_JOB, new Date())).toEqual({ ran: true, figures: { tasks: 5, done: 5 } });
    expect(await app.db.rows('SELECT runner FROM job_worker')).toEqual([{ runner: 'denied' }]);
  } finally {
    await queue.close(5);
    await db.close();
  }
});
