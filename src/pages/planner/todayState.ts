// What the screen Today reads beside the proposals: budgets of the day, alerts of forecasts, and late purchase orders.

import { signal } from '@preact/signals';
import { now } from '../foundation/clock';
import { newKey } from '../foundation/key';
import { problem } from '../foundation/person';
import type { PlannerOperations } from '../operations.generated';
import { localTime } from './decisions';
import { api } from './state';

type TodayAnswer = PlannerOperations['today']['answer'];
type NodeOf<Name extends keyof TodayAnswer> = NonNullable<TodayAnswer[Name]>['nodes'][number];
export type BudgetOfDay = NodeOf<'replenishmentBudgets'>;
export type Alert = NodeOf<'forecastAlerts'>;
export type LateOrder = NodeOf<'purchaseOrders'>;

/** Null until it was read. */
export const today = signal<{ budgets: BudgetOfDay[]; alerts: Alert[]; late: LateOrder[] } | null>(null);

const DAY_MS = 86_400_000;

/** Reads them as they are now. @throws ApiProblem */
export async function readToday(): Promise<void> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const { day } = localTime(now.value, timeZone);
  const answer = await api.send('today', { day, now: new Date(now.value).toISOString() });
  today.value = {
    budgets: answer.replenishmentBudgets?.nodes ?? [],
    alerts: answer.forecastAlerts?.nodes ?? [],
    late: (answer.purchaseOrders?.nodes ?? []).sort((a, b) =>
      (a.expectedAt ?? '') < (b.expectedAt ?? '') ? -1 : 1,
    ),
  };
}

/** Whether an alert was found by the last nightly run. */
export const isOfLastRun = ({ createdAt }: Alert): boolean => Date.parse(createdAt) > now.value - DAY_MS;

/** Marks an alert as seen. @throws ApiProblem */
export async function acknowledge(alert: string): Promise<void> {
  const input = { idempotencyKey: newKey(), alerts: [alert] };
  const { acknowledgeForecastAlert: answer } = await api.send('acknowledge', { input });
  if (answer?.__typename !== 'AcknowledgeForecastAlertSuccess') problem.value = answer?.message ?? null;
  await readToday();
}
