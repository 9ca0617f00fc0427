// When a pickup order can be promised ready, why then, and until when it is kept.

import { DateTime } from 'luxon';
import { DAY_MS } from '../../values/time';
import { type LocationCalendar, validTimeOfDay } from './hours';
import {
  addOpenDays,
  addOpenMinutes,
  businessClock,
  businessMinute,
  HORIZON_DAYS,
  nextOpenDay,
  nextOpening,
} from './openTime';

/**
 * How a location serves pickups: `leadMinutes` of open time to pick an order, the local `cutOff`
 * after which an order counts as placed on the next open day (null: none), orders worked off per open
 * hour, and for how many open days a ready order is kept.
 */
export type PickupPolicy = {
  leadMinutes: number;
  cutOff: string | null;
  capacityPerHour: number;
  keepDays: number;
};

export const PICKUP_LIMITS = { leadMinutes: 7 * 24 * 60, capacityPerHour: 10_000, keepDays: 30 } as const;

type PromiseRule = 'TRANSFER_ARRIVAL' | 'CUT_OFF' | 'CLOSED' | 'QUEUE' | 'LEAD_TIME' | 'NEVER_OPEN';

/** One piece of the time between now and ready, with the rule that costs it and an English sentence. */
export type PromiseStep = { rule: PromiseRule; from: Date; to: Date; detail: string };

/** `readyAt` is null when open time runs out within HORIZON_DAYS; the last step is then NEVER_OPEN. */
export type PickupPromise = { readyAt: Date | null; because: PromiseStep[] };

/** Everything wrong with a pickup policy, one sentence each; an empty list means it can be used. */
export function validatePolicy(policy: PickupPolicy): string[] {
  const bounded = (name: keyof typeof PICKUP_LIMITS, least: number) => {
    const [value, most] = [policy[name], PICKUP_LIMITS[name]];
    if (Number.isInteger(value) && value >= least && value <= most) return [];
    return [`${name} ${value} is not a whole number from ${least} to ${most}`];
  };
  return [
    ...bounded('leadMinutes', 0),
    ...bounded('capacityPerHour', 1),
    ...bounded('keepDays', 1),
    ...(policy.cutOff === null || validTimeOfDay(policy.cutOff)
      ? []
      : [`cutOff '${policy.cutOff}' is not a time from 00:00 to 23:59 (HH:MM)`]),
  ];
}

/**
 * When an order placed `now` is ready at the counter. `queuedOrders` are the orders already waiting to be
 * picked there; `earliest` is when the last missing goods arrive. The steps of `because` follow
 * one another without a gap from `now` to `readyAt`; the queue is worked off from now on, so it
 * costs nothing when the goods arrive after it is done.
 */
export function promiseReadyAt(input: {
  calendar: LocationCalendar;
  policy: PickupPolicy;
  now: Date;
  queuedOrders: number;
  earliest?: Date | undefined;
}): PickupPromise {
  const { calendar, policy, now, queuedOrders, earliest } = input;
  const format = localTimeFormat(calendar);
  const because: PromiseStep[] = [];
  let at = now;
  const step = (rule: PromiseRule, to: Date, detail: () => string) => {
    if (to <= at) return;
    because.push({ rule, from: at, to, detail: detail() });
    at = to;
  };
  const never = (): PickupPromise => {
    const detail = `Not enough opening hours within ${HORIZON_DAYS} days of ${format(at)}.`;
    because.push({ rule: 'NEVER_OPEN', from: at, to: new Date(+at + HORIZON_DAYS * DAY_MS), detail });
    return { readyAt: null, because };
  };

  if (earliest) step('TRANSFER_ARRIVAL', earliest, () => `The goods arrive here at ${format(earliest)}.`);

  const start = workStart(calendar, policy, at);
  if (!start) return never();
  step(start.rule, start.at, () =>
    start.rule === 'CUT_OFF'
      ? `${format(at)} is past the cut-off of ${policy.cutOff}: work starts on the next open day, ${format(start.at)}.`
      : `The location is closed at ${format(at)} and opens at ${format(start.at)}.`,
  );

  const minutes = Math.ceil((queuedOrders * 60) / policy.capacityPerHour);
  const queueFrom = earliest && earliest > now ? workStart(calendar, policy, now) : start;
  const queueDone = queueFrom && addOpenMinutes(calendar, queueFrom.at, minutes);
  if (!queueDone) return never();
  step('QUEUE', queueDone, () => {
    const ahead = `${queuedOrders} ${queuedOrders === 1 ? 'order' : 'orders'} ahead`;
    return `${ahead} at ${policy.capacityPerHour} an hour: done at ${format(queueDone)} (${minutes} open minutes).`;
  });

  const readyAt = addOpenMinutes(calendar, at, policy.leadMinutes);
  if (!readyAt) return never();
  step(
    'LEAD_TIME',
    readyAt,
    () => `Picking takes ${policy.leadMinutes} open minutes: ready at ${format(readyAt)}.`,
  );
  return { readyAt, because };
}

/**
 * The steps of a promise as the public sees them. How many orders wait in a shop is its own affair, so the queue and the
 * picking behind it are one step.
 */
export function publicSteps(because: readonly PromiseStep[]): PromiseStep[] {
  const steps: PromiseStep[] = [];
  for (const step of because) {
    const before = steps.at(-1);
    if (step.rule === 'QUEUE') steps.push({ ...step, rule: 'LEAD_TIME', detail: PICKED_IN_TURN });
    else if (step.rule === 'LEAD_TIME' && before?.detail === PICKED_IN_TURN) before.to = step.to;
    else steps.push(step);
  }
  return steps;
}

const PICKED_IN_TURN = 'The order is picked in its turn.';

/** When an order ready at `readyAt` and not fetched becomes a no-show: closing time of the last open day
 * it is kept, the day it became ready not counted. Null when there are too few open days ahead. */
export function noShowAt(
  calendar: LocationCalendar,
  policy: Pick<PickupPolicy, 'keepDays'>,
  readyAt: Date,
): Date | null {
  return addOpenDays(calendar, readyAt, policy.keepDays);
}

/** When staff may begin on an order that could be begun at `from`, and the rule that decided it. */
function workStart(
  calendar: LocationCalendar,
  policy: PickupPolicy,
  from: Date,
): { at: Date; rule: 'CUT_OFF' | 'CLOSED' } | null {
  const opening = nextOpening(calendar, from);
  if (!opening) return null;
  const { day, minute } = businessClock(calendar, from);
  const late = policy.cutOff !== null && minute > businessMinute(calendar, day, policy.cutOff);
  // Past the day's last closing the cut-off changes nothing: the plainer reason is that it is closed.
  if (!late || businessClock(calendar, opening).day > day) return { at: opening, rule: 'CLOSED' };
  const at = nextOpenDay(calendar, from);
  return at && { at, rule: 'CUT_OFF' };
}

function localTimeFormat({ timeZone: zone }: LocationCalendar) {
  return (instant: Date) =>
    DateTime.fromMillis(instant.getTime(), { zone, locale: 'en-US' }).toFormat('ccc d LLL yyyy HH:mm');
}
