// A row of the table, and the form that edits its quantity in place.

import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../foundation/icon';
import { attempt, problem } from '../foundation/person';
import { draft, type QuantityDraft } from './decide';
import type { ProposalEntry } from './entries';
import { amountText, dayText, numberText } from './format';
import { texts } from './messages';
import { conflicts, editQuantity, type ForeignDecision, focusedId, selection } from './proposals';

export const rowId = (id: string): string => `proposal-${id}`;

function change(changed: Partial<QuantityDraft>): void {
  if (draft.value !== null) draft.value = { ...draft.value, ...changed };
}

function closeEdit(): void {
  draft.value = null;
}

function save(event: Event): void {
  event.preventDefault();
  const { id, quantity, reason, key } = draft.value!;
  void attempt(async () => {
    const refusal = await editQuantity(id, Number(quantity), reason.trim(), key);
    if (refusal === null || conflicts.value.has(id)) closeEdit();
    problem.value = refusal;
  });
}

function EditForm({ entry }: { entry: ProposalEntry }) {
  const t = texts.value;
  const listId = useId();
  const first = useRef<HTMLInputElement>(null);
  // Before the next key is pressed: a quick typist loses no digit.
  useLayoutEffect(() => first.current!.select(), []);
  const { quantity, reason } = draft.value!;
  return (
    <form
      class="edit-form"
      aria-label={t.editOf(entry.sku.name, entry.locationName)}
      onSubmit={save}
      onKeyDown={(event) => {
        if (event.key === 'Escape') closeEdit();
        event.stopPropagation();
      }}
    >
      <input
        ref={first}
        required
        type="number"
        min={1}
        step={1}
        aria-label={t.columns.quantity}
        value={quantity}
        onInput={({ currentTarget }) => change({ quantity: currentTarget.value })}
      />
      <input
        required
        class="edit-reason"
        pattern=".*\S.*"
        maxLength={500}
        list={listId}
        aria-label={t.reason}
        placeholder={t.reason}
        value={reason}
        onInput={({ currentTarget }) => change({ reason: currentTarget.value })}
      />
      <datalist id={listId}>
        {t.editReasons.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <button type="submit" class="button small primary">
        {t.save}
      </button>
      <button type="button" class="icon-button" aria-label={t.cancel} onClick={closeEdit}>
        <Icon name="close" />
      </button>
    </form>
  );
}

function decisionText({ status, by }: ForeignDecision): string {
  const t = texts.value;
  return by === null ? t.decidedByRun : t.decidedShort(by, t.decidedBy[status]);
}

function Numbers({ entry }: { entry: ProposalEntry }) {
  const t = texts.value;
  const { abc, position, level, quantity, quantityProposed, isEdited, cost, lostMargin, expectedOn } = entry;
  return (
    <>
      <td class="cell-abc">{abc}</td>
      <td class="cell-position">
        {numberText(position)} → {numberText(level)}
      </td>
      <td class="cell-quantity" data-cell>
        <strong>{numberText(quantity)}</strong>
        {isEdited && <small>{t.proposedWas(numberText(quantityProposed))}</small>}
      </td>
      <td class="cell-cost">{cost === null ? '–' : amountText(cost)}</td>
      <td class="cell-margin">{lostMargin === null ? '–' : amountText(lostMargin)}</td>
      <td class="cell-arrives">{dayText(expectedOn)}</td>
    </>
  );
}

interface RowProps {
  entry: ProposalEntry;
  row: number;
  top: number;
}

export function Row({ entry, row, top }: RowProps) {
  const { id, sku, locationName, sourceName, supplier } = entry;
  const isSelected = selection.value.has(id);
  const decided = conflicts.value.get(id);
  const isEditing = draft.value?.id === id;
  const classes = ['grid-row', 'is-data'];
  if (focusedId.value === id) classes.push('is-focused');
  if (decided !== undefined) classes.push('is-decided');
  if (isEditing) classes.push('is-editing');
  return (
    <tr
      id={rowId(id)}
      class={classes.join(' ')}
      data-row={row}
      aria-rowindex={row + 2}
      aria-selected={isSelected}
      style={{ top: `${top}px` }}
    >
      <td class="cell-tick">
        <span class="tick" aria-hidden="true">
          {isSelected && <Icon name="check" />}
        </span>
      </td>
      <td class="cell-article">
        {sku.name}
        {decided === undefined ? (
          <small>
            {sku.code}
            <span class="narrow"> · {locationName}</span>
          </small>
        ) : (
          <small class="bad strong">{decisionText(decided)}</small>
        )}
      </td>
      <td class="cell-location">{locationName}</td>
      <td class="cell-source">{supplier === null ? `⇄ ${sourceName}` : sourceName}</td>
      {isEditing ? (
        <td class="cell-edit">
          <EditForm entry={entry} />
        </td>
      ) : (
        <Numbers entry={entry} />
      )}
    </tr>
  );
}
