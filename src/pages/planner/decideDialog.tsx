// The dialogs of a decision: a preview of what an approval creates, or the reason of a rejection; then what was refused.

import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Dialog } from '../foundation/dialog';
import { attempt, problem } from '../foundation/person';
import type { PlannerOperations } from '../operations.generated';
import { decision, type OpenDecision } from './decide';
import { amountsText, dayText, numberText } from './format';
import { texts } from './messages';
import {
  approve,
  type DecisionOutcome,
  MOST_AT_ONCE,
  noteDecided,
  type RefusedProposal,
  reject,
} from './proposals';
import { api, outcome } from './state';

type Preview = NonNullable<PlannerOperations['preview']['answer']['replenishmentApprovalPreview']>;

/** Refusals of the server in the language of the page, with its own sentence for each. */
function Refusals({ title, refused }: { title: string; refused: readonly RefusedProposal[] }) {
  if (refused.length === 0) return null;
  const t = texts.value;
  return (
    <div class="refusals">
      <p class="strong">{title}</p>
      <ul>
        {refused.slice(0, 20).map(({ reason, message, proposal }, i) => (
          <li key={proposal?.id ?? i}>
            <span class="strong">
              {reason === 'NOT_OPEN' && proposal?.decidedBy
                ? t.decidedFirst(proposal.decidedBy.name, t.decidedBy[proposal.status])
                : t.refusals[reason]}
            </span>
            <small lang="en">{message}</small>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Documents({ preview }: { preview: Preview }) {
  const t = texts.value;
  const { purchaseOrders, transfers, refused } = preview;
  const size = ({ lineCount, units }: { lineCount: number; units: number }): string =>
    `${t.lines(lineCount)} · ${t.units(numberText(units))}`;
  return (
    <>
      {purchaseOrders.length + transfers.length === 0 ? (
        <p class="strong">{t.nothingResults}</p>
      ) : (
        <section aria-label={t.willResult}>
          <p class="strong">{t.willResult}</p>
          <ul class="documents">
            {purchaseOrders.map((order) => (
              <li key={`${order.supplier.name} ${order.location.name}`} class="line">
                <span class="line-name">
                  {t.purchaseOrder(order.supplier.name, order.location.name)}
                  <small>
                    {size(order)} · {dayText(order.expectedAt.slice(0, 10))}
                  </small>
                </span>
                <span class="strong">
                  {amountsText(
                    order.costs.map((cost) => ({ ...cost, amountMinor: Number(cost.amountMinor) })),
                  )}
                </span>
              </li>
            ))}
            {transfers.map((transfer) => (
              <li key={`${transfer.from?.name} ${transfer.location.name}`} class="line">
                <span class="line-name">
                  {t.transfer(transfer.from?.name ?? '', transfer.location.name)}
                  <small>
                    {size(transfer)} · {dayText(transfer.expectedAt.slice(0, 10))}
                  </small>
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Refusals title={t.willBeRefused(refused.length)} refused={refused} />
    </>
  );
}

const close = (): void => {
  decision.value = null;
};

/** Shows what came of it; the dialog stays open for what was refused. */
function conclude(
  result: DecisionOutcome | string,
  message: (done: DecisionOutcome) => string,
): RefusedProposal[] {
  if (typeof result === 'string') {
    problem.value = result;
    close();
    return [];
  }
  if (result.done.length > 0) outcome.value = message(result);
  if (result.refused.length === 0) close();
  return result.refused;
}

interface FormProps {
  ids: string[];
  decisionKey: string;
  onRefused(refused: RefusedProposal[]): void;
}

/** Has the focus when the preview is there: Enter confirms what was just read. */
function ConfirmButton({ isBusy }: { isBusy: boolean }) {
  const ref = useRef<HTMLButtonElement>(null);
  useEffect(() => ref.current!.focus(), []);
  return (
    <button type="submit" class="button primary wide" disabled={isBusy} ref={ref}>
      {texts.value.confirmApprove}
    </button>
  );
}

function ApproveForm({ ids, decisionKey, onRefused }: FormProps) {
  const t = texts.value;
  const preview = useSignal<Preview | null>(null);
  const isPlaced = useSignal(true);
  const isBusy = useSignal(false);
  useEffect(() => {
    void attempt(async () => {
      preview.value = (await api.send('preview', { proposals: ids })).replenishmentApprovalPreview;
      noteDecided((preview.value?.refused ?? []).map(({ proposal }) => proposal));
    });
  }, [ids]);
  const confirm = (event: Event): void => {
    event.preventDefault();
    isBusy.value = true;
    void attempt(async () => {
      const result = await approve(ids, isPlaced.value, decisionKey);
      onRefused(conclude(result, (done) => t.done(done.purchaseOrders.length, done.transfers.length)));
    }).finally(() => {
      isBusy.value = false;
    });
  };
  const planned = preview.value;
  const isEmpty = planned !== null && planned.purchaseOrders.length + planned.transfers.length === 0;
  return (
    <form class="stack" onSubmit={confirm}>
      <p class="problem">{problem.value}</p>
      {planned === null ? <p class="muted">…</p> : <Documents preview={planned} />}
      {planned !== null && planned.purchaseOrders.length > 0 && (
        <label class="choice">
          <input
            type="checkbox"
            checked={isPlaced.value}
            onChange={({ currentTarget }) => {
              isPlaced.value = currentTarget.checked;
            }}
          />
          <span>
            {t.placeOrders}
            <span class="hint block">{t.draftsHint}</span>
          </span>
        </label>
      )}
      {planned !== null && !isEmpty && <ConfirmButton isBusy={isBusy.value} />}
    </form>
  );
}

function RejectForm({ ids, decisionKey, onRefused }: FormProps) {
  const t = texts.value;
  const reason = useSignal('');
  const days = useSignal('1');
  const isBusy = useSignal(false);
  const listId = useId();
  const confirm = (event: Event): void => {
    event.preventDefault();
    isBusy.value = true;
    void attempt(async () => {
      const result = await reject(ids, reason.value.trim(), Number(days.value), decisionKey);
      onRefused(conclude(result, ({ done }) => t.rejected(done.length)));
    }).finally(() => {
      isBusy.value = false;
    });
  };
  return (
    <form class="stack" onSubmit={confirm}>
      <p class="problem">{problem.value}</p>
      <label class="field">
        <span>{t.reason}</span>
        <input
          required
          autofocus
          pattern=".*\S.*"
          maxLength={500}
          list={listId}
          value={reason.value}
          onInput={({ currentTarget }) => {
            reason.value = currentTarget.value;
          }}
        />
      </label>
      <datalist id={listId}>
        {t.rejectReasons.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <label class="field">
        <span>{t.restDays}</span>
        <input
          required
          type="number"
          min={1}
          max={365}
          value={days.value}
          onInput={({ currentTarget }) => {
            days.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="button primary bad wide" disabled={isBusy.value}>
        {t.confirmReject}
      </button>
    </form>
  );
}

export function DecideDialog({ asked: { kind, ids, key: decisionKey } }: { asked: OpenDecision }) {
  const t = texts.value;
  const refused = useSignal<RefusedProposal[]>([]);
  const count = numberText(ids.length);
  const title = kind === 'APPROVE' ? t.approveTitle(count) : t.rejectTitle(count);
  const onRefused = (found: RefusedProposal[]): void => {
    refused.value = found;
  };
  const form = { ids, decisionKey, onRefused };
  return (
    <Dialog title={title} closeLabel={t.close} onClose={close}>
      {ids.length > MOST_AT_ONCE ? (
        <p>{t.tooMany(numberText(MOST_AT_ONCE))}</p>
      ) : refused.value.length > 0 ? (
        <>
          <p>{outcome.value}</p>
          <Refusals title={t.wasRefused(refused.value.length)} refused={refused.value} />
        </>
      ) : kind === 'APPROVE' ? (
        <ApproveForm {...form} />
      ) : (
        <RejectForm {...form} />
      )}
    </Dialog>
  );
}
