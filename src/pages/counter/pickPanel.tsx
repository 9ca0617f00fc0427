// Picking an order: scan by scan in walking order, then staging.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../foundation/icon';
import { give } from './commands';
import { LineMarks } from './lines';
import { texts } from './messages';
import type { LineView, OrderView } from './orders';
import { pickScan, scanResult } from './scans';
import { ShortDialog } from './shortDialog';

/** Codes by hand; a scanner writes here too while the field has the focus. */
function ScanField({ view }: { view: OrderView }) {
  const t = texts.value;
  const code = useSignal('');
  const submit = (event: Event): void => {
    event.preventDefault();
    const typed = code.value.trim();
    code.value = '';
    if (typed !== '') void pickScan(view, typed);
  };
  return (
    <form class="scan-field" onSubmit={submit}>
      <Icon name="scan" />
      <input
        aria-label={t.scanField}
        placeholder={t.scanHint}
        autocomplete="off"
        autocapitalize="characters"
        enterkeyhint="enter"
        value={code.value}
        onInput={(event) => {
          code.value = event.currentTarget.value;
        }}
      />
      <button type="submit" class="button small">
        {t.enter}
      </button>
    </form>
  );
}

/** What the last scan was. Read aloud, as the person looks at the shelf. */
export function ScanAnswer() {
  const result = scanResult.value;
  return (
    <p
      class={result === null ? 'scan-answer' : `scan-answer ${result.isRight ? 'right' : 'wrong'}`}
      role="alert"
    >
      {result !== null && <Icon name={result.isRight ? 'check' : 'warning'} />}
      {result?.text}
    </p>
  );
}

function PickLine({ view, line, isNext, onShort }: PickLineProps) {
  const t = texts.value;
  const { sku } = line.line;
  const done = line.wanted - line.toPick - (line.line.awaiting ?? 0);
  const isDone = line.toPick === 0;
  const pick = (): void => {
    void give('pickLine', view.order, { order: view.order.id, sku: sku.code, quantity: 1 }, sku.name);
  };
  const classes = ['line', 'pick', ...(isDone ? ['done'] : []), ...(isNext ? ['next'] : [])];
  return (
    <li class={classes.join(' ')} aria-current={isNext ? 'step' : undefined}>
      <span class="position">{sku.pickPosition || '—'}</span>
      <span class="article">
        <span class="strong">{sku.name}</span>
        <span class="muted">{sku.gtin ?? sku.code}</span>
        <LineMarks view={line} />
      </span>
      <span class="quantity">
        {isDone && line.unconfirmed === 0 && <Icon name="check" />}
        <span>
          {done}/{line.wanted}
        </span>
      </span>
      {!isDone && (
        <span class="line-actions">
          <button type="button" class="button small" aria-label={t.missingOf(sku.name)} onClick={onShort}>
            {t.missing}
          </button>
          <button type="button" class="button small" aria-label={t.pickByHand(sku.name)} onClick={pick}>
            {t.byHand}
          </button>
        </span>
      )}
    </li>
  );
}

interface PickLineProps {
  view: OrderView;
  line: LineView;
  isNext: boolean;
  onShort(): void;
}

function Staging({ view: { order } }: { view: OrderView }) {
  const t = texts.value;
  const area = useSignal('');
  const submit = (event: Event): void => {
    event.preventDefault();
    void give('markReady', order, { order: order.id, stagingArea: area.value.trim() });
  };
  return (
    <form class="action-bar stack" onSubmit={submit}>
      <p class="strong">
        <Icon name="check" /> {t.allPicked}
      </p>
      <label class="field">
        <span>{t.stageHint}</span>
        <input
          name="stagingArea"
          required
          autocomplete="off"
          enterkeyhint="done"
          value={area.value}
          onInput={(event) => {
            area.value = event.currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="button primary wide">
        {t.markReady}
      </button>
    </form>
  );
}

export function PickPanel({ view }: { view: OrderView }) {
  const short = useSignal<string | null>(null);
  useEffect(() => {
    scanResult.value = null;
  }, []);
  const next = view.lines.find(({ toPick }) => toPick > 0);
  const missing = view.lines.find(({ line }) => line.id === short.value);
  const isAwaiting = view.lines.some(({ line }) => (line.awaiting ?? 0) > 0);
  const close = (): void => {
    short.value = null;
  };
  return (
    <>
      <ScanField view={view} />
      <ScanAnswer />
      <ul class="lines">
        {view.lines.map((line) => (
          <PickLine
            key={line.line.id}
            view={view}
            line={line}
            isNext={line === next}
            onShort={() => {
              short.value = line.line.id;
            }}
          />
        ))}
      </ul>
      {next === undefined && isAwaiting && <p class="unconfirmed">{texts.value.awaitedFirst}</p>}
      {next === undefined && !isAwaiting && <Staging view={view} />}
      {missing !== undefined && <ShortDialog view={view} line={missing} onClose={close} />}
    </>
  );
}
