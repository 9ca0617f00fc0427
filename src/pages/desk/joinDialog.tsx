// Joins the open customer with another one, which a data steward has found and knows to be the same person.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { reasonOf } from '../foundation/person';
import { CommandDialog } from './commandDialog';
import { execute, refreshQuietly } from './commands';
import { TextField } from './fields';
import { distinguishingText } from './format';
import { texts } from './messages';
import { readSearch } from './searchKeys';
import {
  discardDrafts,
  draft,
  type FoundCustomer,
  findCustomers,
  notice,
  type OpenedCustomer,
} from './state';

interface OthersProps {
  others: readonly FoundCustomer[];
  chosen: { value: string };
}

/** The customers that were found, of whom one is chosen. */
function Others({ others, chosen }: OthersProps) {
  const t = texts.value;
  const first = useRef<HTMLInputElement>(null);
  // The field that had the focus is gone.
  useEffect(() => first.current?.focus(), []);
  return (
    <fieldset class="choices" aria-label={t.joinTitle}>
      {others.map((one, i) => (
        <label class="choice" key={one.id}>
          <input
            ref={i === 0 ? first : null}
            type="radio"
            name="other"
            checked={chosen.value === one.id}
            onChange={() => {
              chosen.value = one.id;
            }}
          />
          <span>
            {one.name ?? t.noName} <small class="muted">{distinguishingText(one)}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface JoinDialogProps {
  customer: OpenedCustomer;
  onClose(): void;
}

export function JoinDialog({ customer, onClose }: JoinDialogProps) {
  const t = texts.value;
  const prefix = `join ${customer.id} `;
  const wanted = draft(`${prefix}wanted`);
  const reason = draft(`${prefix}reason`);
  const others = useSignal<FoundCustomer[]>([]);
  const chosen = useSignal('');
  /** The first confirmation searches, the second joins: so both are one press of Enter. */
  const find = async (): Promise<string | null> => {
    const search = readSearch(wanted.value);
    if (search === null) return t.joinNobody;
    others.value = (await findCustomers(search)).filter(({ id }) => id !== customer.id);
    chosen.value = others.value[0]?.id ?? '';
    return others.value.length === 0 ? t.joinNobody : '';
  };
  const send = async (): Promise<string | null> => {
    if (chosen.value === '') {
      try {
        return await find();
      } catch (error) {
        return reasonOf(error);
      }
    }
    const customers = [customer.id, chosen.value];
    const { refusal } = await execute('joinCustomers', { customers, reason: reason.value.trim() });
    if (refusal !== null) return refusal;
    discardDrafts(prefix);
    notice.value = t.joinDone;
    refreshQuietly();
    return null;
  };
  return (
    <CommandDialog
      title={t.joinTitle}
      confirm={chosen.value === '' ? t.search : t.confirm}
      onClose={onClose}
      send={send}
    >
      {chosen.value === '' ? (
        <TextField label={t.joinSearch} value={wanted} />
      ) : (
        <>
          <Others others={others.value} chosen={chosen} />
          <TextField label={t.reason} value={reason} />
        </>
      )}
    </CommandDialog>
  );
}
