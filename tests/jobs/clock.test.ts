// A clock that was an hour ahead and is set right: the timetable does not wait for that hour to come again.

import { JobRunner } from '../../jobs/runner';
import type { Job } from '../../jobs/timetable';
import { startApp, type TestApp } from '../support/app';

const HOUR_MS = 3_600_000;

let app: TestApp;
let ahead = 0;
const RightDate = Date;
beforeAll(async () => {
  app = await startApp();
  // The timetable's ticks are by this.
  globalThis.Date = class extends RightDate {
    constructor(...words: [] | [string | number | Date]) {
      super(...((words.length === 0 ? [RightDate.now() + ahead] : words) as [number]));
    }
    static override now(): number {
      return RightDate.now() + ahead;
    }
  } as DateConstructor;
});
afterAll(async () => {
  globalThis.Date = RightDate;
  await app.close();
});

test('ticks go on when the clock was set back', async () => {
  let ticked: (dueAt: Date) => void = () => {};
  const nextTick = (): Promise<Date> =>
    new Promise((resolve) => {
      ticked = resolve;
    });
  const job: Job = {
    ...{ name: 'tick', cron: '* * * * * *', what: 'ticks', catchUpHours: 0, keepDays: 1, idleIsUsual: true },
    async run(_parts, dueAt) {
      ticked(dueAt);
      return { done: 1 };
    },
  };
  const runner = new JobRunner({ ...app.parts, clock: () => new Date() }, [job], 'one');
  runner.start();
  try {
    expect((await nextTick()).getTime()).toBeLessThan(RightDate.now() + HOUR_MS / 2);
    // Ahead for a second or two, between two looks of the runner.
    ahead = HOUR_MS;
    expect((await nextTick()).getTime()).toBeGreaterThan(RightDate.now() + HOUR_MS / 2);
    ahead = 0;
    await runner.sweep();
    expect((await nextTick()).getTime()).toBeLessThan(RightDate.now() + HOUR_MS / 2);
  } finally {
    await runner.stop(5);
  }
});
