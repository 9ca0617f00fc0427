// Today: what needs a decision by deadline and supplier, money against budgets, alerts of the night, late orders.

import { now } from '../foundation/clock';
import { Icon } from '../foundation/icon';
import { durationText } from '../foundation/language';
import { attempt } from '../foundation/person';
import { type BudgetEntry, type DecisionGroup, decisionGroups, proposedFrom } from './decisions';
import { amountsText, amountText, dayText, numberText } from './format';
import { texts } from './messages';
import { entries, isComplete } from './proposals';
import { addressOf, namesByCode } from './state';
import { USUAL_VIEW } from './table';
import { type Alert, acknowledge, type BudgetOfDay, isOfLastRun, type LateOrder, today } from './todayState';

const DAY_MS = 86_400_000;

function Deadline({ cutOff, minutesLeft }: DecisionGroup) {
  const t = texts.value;
  if (cutOff === null || minutesLeft === null) return <span class="deadline">{t.anyTime}</span>;
  if (minutesLeft < 0) {
    return (
      <span class="deadline is-past">
        {t.passed(cutOff)}
        <small>{t.passedHint}</small>
      </span>
    );
  }
  return (
    <span class={minutesLeft < 60 ? 'deadline is-near' : 'deadline'}>
      {t.before(cutOff)}
      <small>{t.timeLeft(durationText(minutesLeft))}</small>
    </span>
  );
}

function Group({ group }: { group: DecisionGroup }) {
  const t = texts.value;
  const { source, name, isTransfer, arrives, lines, units, costs, lostMargins } = group;
  const [first, last] = arrives.map(dayText) as [string, string];
  return (
    <li>
      <a class="group" href={addressOf({ ...USUAL_VIEW, source })}>
        <Deadline {...group} />
        <span class="group-name">
          {isTransfer ? t.transferFrom(name) : name}
          <small>
            {t.lines(lines)} · {t.units(numberText(units))} · {t.arrives(first, last)}
          </small>
        </span>
        <span class="group-money">
          {isTransfer ? '' : amountsText(costs)}
          {lostMargins.length > 0 && <small>{t.atRisk(amountsText(lostMargins))}</small>}
        </span>
      </a>
    </li>
  );
}

const BAR = 200;

function BudgetRow({ budget }: { budget: BudgetOfDay }) {
  const t = texts.value;
  const { supplier, location, amount } = budget;
  const { currency } = amount;
  const proposed = proposedFrom(budget as BudgetEntry, entries.value);
  const [granted, spent] = [Number(amount.amountMinor), Number(budget.spent.amountMinor)];
  const left = Number(budget.left.amountMinor) - proposed;
  const text = (amountMinor: number): string => amountText({ amountMinor, currency });
  const most = Math.max(1, granted, spent + proposed);
  const width = (amountMinor: number): number => (amountMinor / most) * BAR;
  return (
    <li class="budget">
      <span class="budget-name">
        {[supplier?.name, location?.name].filter(Boolean).join(' · ') || t.budgetOfAll}
        <small>
          {dayText(budget.fromDay)} – {dayText(budget.toDay)}
        </small>
      </span>
      <svg
        class="budget-bar"
        viewBox={`0 0 ${BAR} 12`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t.budgetBar(text(spent), text(proposed), text(granted))}
      >
        <rect class="bar-all" width={width(granted)} height="12" />
        <rect class="bar-spent" width={width(spent)} height="12" />
        <rect
          class={left < 0 ? 'bar-over' : 'bar-proposed'}
          x={width(spent)}
          width={width(proposed)}
          height="12"
        />
      </svg>
      <span class="budget-numbers">
        <span>
          {t.spent} {text(spent)} / {text(granted)}
        </span>
        <span>
          {t.proposed} {text(proposed)}
        </span>
        <span class={left < 0 ? 'bad strong' : 'strong'}>
          {t.left} {text(left)}
          {left < 0 && ` (${t.overBudget})`}
        </span>
      </span>
    </li>
  );
}

function AlertRow({ alert }: { alert: Alert }) {
  const t = texts.value;
  const { id, kind, sku, location, actual, expected, sinceDay } = alert;
  return (
    <li class="line">
      <span class="line-name">
        {sku.name} · {location.name}
        <small>
          {t.breaks[kind]} · {t.instead(numberText(actual), numberText(expected))} ·{' '}
          {t.since(dayText(sinceDay))}
        </small>
      </span>
      <button
        type="button"
        class="button small"
        aria-label={t.acknowledgeOf(sku.name, location.name)}
        onClick={() => void attempt(() => acknowledge(id))}
      >
        {t.acknowledge}
      </button>
    </li>
  );
}

function LateRow({ order }: { order: LateOrder }) {
  const t = texts.value;
  const days = Math.floor((now.value - Date.parse(order.expectedAt!)) / DAY_MS);
  const outstanding = order.lines.reduce((sum, line) => sum + line.outstanding, 0);
  return (
    <li class="line">
      <span class="line-name">
        {order.supplier.name} → {order.location.name}
        <small>
          {order.number} · {t.outstanding(numberText(outstanding))}
        </small>
      </span>
      <span class="bad strong">{days < 1 ? t.lateToday : t.lateBy(days)}</span>
    </li>
  );
}

function Nothing() {
  return (
    <section class="card empty">
      <Icon name="check" />
      <h2>{texts.value.nothing}</h2>
      <p class="muted">{texts.value.nothingHint}</p>
    </section>
  );
}

function Decisions() {
  const t = texts.value;
  const groups = decisionGroups(entries.value, namesByCode.value, now.value);
  return (
    <section class="card" aria-label={t.toDecide}>
      <h2>{t.toDecide}</h2>
      {groups.length === 0 && <p class="muted">{t.noneToDecide}</p>}
      <ul>
        {groups.map((group) => (
          <Group key={`${group.source} ${group.arrives} ${group.cutOff}`} group={group} />
        ))}
      </ul>
    </section>
  );
}

export function TodayScreen() {
  const t = texts.value;
  const read = today.value;
  if (read === null || isComplete.value === null) return <main class="today" aria-busy="true" />;
  const { budgets, alerts, late } = read;
  const fresh = alerts.filter(isOfLastRun);
  const isNothing = isComplete.value && entries.value.length + alerts.length + late.length === 0;
  return (
    <main class="today">
      {isNothing ? <Nothing /> : <Decisions />}
      <section class="card" aria-label={t.budgets}>
        <h2>{t.budgets}</h2>
        {budgets.length === 0 && <p class="muted">{t.noBudgets}</p>}
        <ul>
          {budgets.map((budget) => (
            <BudgetRow key={budget.id} budget={budget} />
          ))}
        </ul>
      </section>
      {!isNothing && (
        <div class="today-pair">
          <section class="card" aria-label={t.alerts}>
            <h2>{t.alerts}</h2>
            {fresh.length === 0 && <p class="muted">{t.noAlerts}</p>}
            <ul>
              {fresh.map((alert) => (
                <AlertRow key={alert.id} alert={alert} />
              ))}
            </ul>
            {alerts.length > fresh.length && (
              <p class="muted">{t.olderAlerts(alerts.length - fresh.length)}</p>
            )}
          </section>
          <section class="card" aria-label={t.late}>
            <h2>{t.late}</h2>
            {late.length === 0 && <p class="muted">{t.noLate}</p>}
            <ul>
              {late.map((order) => (
                <LateRow key={order.id} order={order} />
              ))}
            </ul>
          </section>
        </div>
      )}
    </main>
  );
}
