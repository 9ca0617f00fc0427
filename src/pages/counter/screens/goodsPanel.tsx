// One task with goods: units are scanned, differences are shown, and the command is given to the outbox.

import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { Dialog } from '../../foundation/dialog';
import { Icon } from '../../foundation/icon';
import { newKey } from '../../foundation/key';
import { give } from '../commands';
import { openScreen, shop } from '../state';
import { CodeField } from './codeField';
import {
  beginTask,
  endTask,
  goodsMessage,
  openTask,
  readGoods,
  scanned,
  setUnits,
  takeGoodsScan,
  taskLines,
  tasks,
} from './goods';
import { commandOf, differencesOf, type GoodsTask, type GoodsTaskLine } from './goodsTasks';
import { texts } from './messages';
import { PanelTitle } from './panelTitle';
import { useScans } from './useScans';

interface TaskLineProps {
  task: GoodsTask;
  line: GoodsTaskLine;
}

/** The units of an article: by scan, by the buttons, or typed. */
function UnitsStepper({ task: { id, kind }, line: { sku, quantity } }: TaskLineProps) {
  const t = texts.value;
  const units = scanned.value[sku.code];
  return (
    <span class="units-stepper">
      <button
        type="button"
        class="icon-button"
        aria-label={t.goodsLess(sku.name)}
        disabled={!units}
        onClick={() => setUnits(id, sku.code, (units ?? 0) - 1)}
      >
        <Icon name="minus" />
      </button>
      <input
        type="text"
        inputmode="numeric"
        pattern="[0-9]*"
        aria-label={t.goodsUnits(sku.name)}
        value={units ?? ''}
        onInput={(event) => {
          const typed = event.currentTarget.value.trim();
          if (/^\d{1,6}$/.test(typed)) setUnits(id, sku.code, Number(typed));
          else if (typed !== '') event.currentTarget.value = units === undefined ? '' : String(units);
        }}
      />
      <button
        type="button"
        class="icon-button"
        aria-label={t.goodsMore(sku.name)}
        onClick={() => setUnits(id, sku.code, (units ?? 0) + 1)}
      >
        <span aria-hidden="true">+</span>
      </button>
      {kind !== 'COUNT' && <span class="quantity">/ {quantity}</span>}
    </span>
  );
}

function TaskLine({ task, line }: TaskLineProps) {
  const t = texts.value;
  const units = scanned.value[line.sku.code];
  const isDone = task.kind === 'COUNT' ? units !== undefined : units === line.quantity;
  return (
    <li class={isDone ? 'line goods-line done' : 'line goods-line'}>
      <span class="position">{line.sku.pickPosition || '—'}</span>
      <span class="article">
        <span class="strong">{line.sku.name}</span>
        <span class="muted">{line.sku.gtin ?? line.sku.code}</span>
        {task.kind === 'COUNT' && units === undefined && <span class="mark">{t.goodsToCount}</span>}
      </span>
      <UnitsStepper task={task} line={line} />
    </li>
  );
}

interface ConfirmProps {
  task: GoodsTask;
  isClosing: Signal<boolean>;
  onConfirm(): void;
  onClose(): void;
}

/** Differences are shown before anything is given. */
function DifferencesDialog({ task: { kind }, isClosing, onConfirm, onClose }: ConfirmProps) {
  const t = texts.value;
  const differences = differencesOf(taskLines.value, scanned.value);
  return (
    <Dialog title={t.goodsDiffers} closeLabel={t.close} onClose={onClose}>
      <ul class="consequences">
        {differences.map(({ line, units }) => (
          <li key={line.sku.code}>{t.goodsDiffer(line.sku.name, units, line.quantity)}</li>
        ))}
      </ul>
      <p>{t.goodsDifferHint[kind]}</p>
      {kind === 'DELIVERY' && (
        <label class="choice">
          <input
            type="checkbox"
            checked={isClosing.value}
            onChange={(event) => {
              isClosing.value = event.currentTarget.checked;
            }}
          />
          <span>{t.goodsClose}</span>
        </label>
      )}
      <button type="button" class="button primary wide" onClick={onConfirm}>
        {t.goodsConfirm}
      </button>
      <button type="button" class="button wide" onClick={onClose}>
        {t.goodsRecheck}
      </button>
    </Dialog>
  );
}

function TaskActions({ task }: { task: GoodsTask }) {
  const t = texts.value;
  const isAsking = useSignal(false);
  const isClosing = useSignal(false);
  const isBlind = task.kind === 'COUNT';
  const isStarted = Object.values(scanned.value).some((units) => isBlind || units > 0);
  const finish = async (): Promise<void> => {
    isAsking.value = false;
    const options = { isClosing: isClosing.value, location: shop.value!.code };
    const { operation, input } = commandOf(task, taskLines.value, scanned.value, options);
    const document = isBlind
      ? { id: `count-${newKey()}`, number: t.goodsCount }
      : { id: task.id, number: task.number };
    if (!(await give(operation, document, input as never))) return;
    await endTask(task.id);
    openScreen('goods');
  };
  return (
    <div class="action-bar stack">
      {!isBlind && (
        <button
          type="button"
          class="button wide"
          onClick={() => {
            for (const { sku, quantity } of task.lines) setUnits(task.id, sku.code, quantity);
          }}
        >
          {t.goodsAll}
        </button>
      )}
      <button
        type="button"
        class="button primary wide"
        disabled={!isStarted}
        onClick={() => {
          if (isBlind || differencesOf(taskLines.value, scanned.value).length === 0) void finish();
          else isAsking.value = true;
        }}
      >
        <Icon name="check" />
        {t.goodsDone[task.kind]}
      </button>
      {isAsking.value && (
        <DifferencesDialog
          task={task}
          isClosing={isClosing}
          onConfirm={() => void finish()}
          onClose={() => {
            isAsking.value = false;
          }}
        />
      )}
    </div>
  );
}

export function GoodsPanel({ id }: { id: string }) {
  const t = texts.value;
  const task = openTask.value;
  useScans(takeGoodsScan);
  useLayoutEffect(() => void beginTask(id), [id]);
  useEffect(() => void readGoods(), [id]);
  if (task === null) {
    const title = tasks.value === null ? t.loading : t.goodsNone;
    return (
      <section class="order-panel" aria-label={t.goods}>
        <PanelTitle key="none" title={title} back="goods" backLabel={t.goodsBack} />
      </section>
    );
  }
  const message = goodsMessage.value;
  return (
    <section class="order-panel" aria-label={t.goodsKinds[task.kind]}>
      <PanelTitle
        key={task.id}
        title={t.goodsPartner[task.kind](task.partner)}
        back="goods"
        backLabel={t.goodsBack}
      />
      <p class="muted">{task.kind === 'COUNT' ? t.goodsCountHint : task.number}</p>
      {task.awaitsApproval && <p class="unconfirmed">{t.goodsAwaiting}</p>}
      <CodeField label={t.scanHint} button={t.enter} onCode={(code) => void takeGoodsScan(code)} />
      <p class={`scan-answer ${message?.isRight ? 'right' : 'wrong'}`} role="status">
        {message?.text}
      </p>
      {task.kind === 'COUNT' && <p class="muted">{t.goodsCountOther}</p>}
      <ul class="lines">
        {taskLines.value.map((line) => (
          <TaskLine key={line.sku.code} task={task} line={line} />
        ))}
      </ul>
      <TaskActions task={task} />
    </section>
  );
}
