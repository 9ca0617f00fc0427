// What data stewards do with a customer: split off another person, export what is stored, erase the person.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { reasonOf } from '../foundation/person';
import type { DeskOperations } from '../operations.generated';
import { CommandDialog } from './commandDialog';
import { execute, refreshQuietly } from './commands';
import { CheckField, TextField } from './fields';
import { kindText, whenText } from './format';
import { JoinDialog } from './joinDialog';
import { texts } from './messages';
import type { SearchedKey } from './searchKeys';
import { api, discardDrafts, draft, type Identifier, notice, type OpenedCustomer, showErased } from './state';

type CustomerExport = NonNullable<
  NonNullable<DeskOperations['exports']['answer']['customerExports']>['nodes'][number]
>;
const POLL_MS = 3_000;

/** An identifier as a key of splitCustomer; null for one that cannot be named. */
function keyOf({ kind, scope, value }: Identifier): SearchedKey | null {
  if (value === null) return null;
  if (kind === 'EMAIL') return { email: value };
  if (kind === 'PHONE') return { phone: value };
  if (kind === 'LOYALTY_CARD') return { loyaltyCard: value };
  if (kind === 'RECEIPT') return { receipt: value };
  if (kind === 'WEB_ACCOUNT') return { storefrontAccount: { storefront: scope, account: value } };
  if (kind === 'TILL_CUSTOMER') return { tillCustomer: { feed: scope, number: value } };
  if (kind === 'HELP_DESK_CONTACT') return { contact: { source: scope, contactId: value } };
  return kind === 'SOCIAL_HANDLE' ? { socialHandle: { network: scope, handle: value } } : null;
}

interface StewardDialogProps {
  customer: OpenedCustomer;
  onClose(): void;
}

function SplitDialog({ customer, onClose }: StewardDialogProps) {
  const t = texts.value;
  const prefix = `split ${customer.id} `;
  const named = customer.identifiers.filter((one) => keyOf(one) !== null);
  const reason = draft(`${prefix}reason`);
  const forbid = draft(`${prefix}forbid`);
  const tick = (id: string) => draft(`${prefix}tick ${id}`);
  const send = async (): Promise<string | null> => {
    const others = named.filter(({ id }) => tick(id).value !== '');
    if (others.length === 0 || others.length === customer.identifiers.length) return t.chooseSome;
    const { refusal } = await execute('splitCustomer', {
      ...{ customer: customer.id, identifiers: others.map(keyOf), reason: reason.value.trim() },
      forbid: forbid.value !== '',
    });
    if (refusal !== null) return refusal;
    discardDrafts(prefix);
    notice.value = t.splitDone;
    refreshQuietly();
    return null;
  };
  return (
    <CommandDialog
      title={t.splitTitle}
      confirm={t.confirm}
      isDisabled={customer.identifiers.length < 2}
      onClose={onClose}
      send={send}
    >
      <p>{customer.identifiers.length < 2 ? t.nothingToSplit : t.splitHint}</p>
      <fieldset class="choices" aria-label={t.splitTitle}>
        {named.map((one) => (
          <CheckField key={one.id} value={tick(one.id)}>
            {kindText(one)} <strong>{one.value}</strong>
          </CheckField>
        ))}
      </fieldset>
      <TextField label={t.reason} value={reason} />
      <CheckField value={forbid}>{t.forbid}</CheckField>
    </CommandDialog>
  );
}

function EraseDialog({ customer, onClose }: StewardDialogProps) {
  const t = texts.value;
  const isSure = useSignal('');
  const send = async (): Promise<string | null> => {
    const { refusal, success } = await execute('eraseCustomer', { customer: customer.id });
    if (refusal !== null) return refusal;
    const left = success.notIncluded.length;
    showErased([t.eraseDone(success.openOrders), ...(left > 0 ? [t.notIncluded(left)] : [])].join(' '));
    return null;
  };
  return (
    <CommandDialog
      title={t.eraseTitle}
      confirm={t.eraseTitle}
      isGrave
      isDisabled={isSure.value === ''}
      onClose={onClose}
      send={send}
    >
      <p class="strong">{customer.name ?? t.noName}</p>
      <p>{t.eraseHint}</p>
      <CheckField value={isSure}>{t.eraseSure}</CheckField>
    </CommandDialog>
  );
}

function Exports({ exports }: { exports: readonly CustomerExport[] }) {
  const t = texts.value;
  return (
    <ul class="entries">
      {exports.map(({ id, requestedAt, state, files }) => (
        <li key={id}>
          <p class="entry-head">
            <span>{t.exportOf(whenText(requestedAt))}</span>
            <span class={state === 'READY' ? 'mark good' : 'mark'}>{t.exports[state] ?? state}</span>
          </p>
          {files.map(({ name, url }) => (
            <a key={name} class="button small quiet" href={url} download>
              {name}
            </a>
          ))}
        </li>
      ))}
    </ul>
  );
}

export function Stewardship({ customer }: { customer: OpenedCustomer }) {
  const t = texts.value;
  const dialog = useSignal<'JOIN' | 'SPLIT' | 'ERASE' | null>(null);
  const exports = useSignal<CustomerExport[]>([]);
  const failure = useSignal<string | null>(null);
  const read = async (isBackground = false): Promise<void> => {
    try {
      const { customerExports } = await api.send('exports', { customer: customer.id }, { isBackground });
      exports.value = (customerExports?.nodes ?? []).filter((one) => one !== null);
    } catch (error) {
      failure.value = reasonOf(error);
    }
  };
  useEffect(() => void read(), [customer.id]);
  const isPending = exports.value.some(({ state }) => state === 'PENDING');
  useEffect(() => {
    if (!isPending) return;
    const timer = setInterval(() => void read(true), POLL_MS);
    return () => clearInterval(timer);
  }, [isPending, customer.id]);
  const requestExport = async (): Promise<void> => {
    const { refusal, success } = await execute('exportCustomer', { customer: customer.id });
    failure.value = refusal;
    if (refusal !== null) return;
    const left = success.notIncluded.length;
    notice.value = [t.exportDone, ...(left > 0 ? [t.notIncluded(left)] : [])].join(' ');
    await read();
  };
  const close = (): void => {
    dialog.value = null;
  };
  const open = (wanted: 'JOIN' | 'SPLIT' | 'ERASE') => (): void => {
    dialog.value = wanted;
  };
  return (
    <section class="card stack" aria-labelledby="stewardship">
      <h2 id="stewardship">{t.stewardship}</h2>
      <div class="buttons">
        <button type="button" class="button small" onClick={() => void requestExport()}>
          {t.export}
        </button>
        <button type="button" class="button small" onClick={open('JOIN')}>
          {t.join}
        </button>
        <button type="button" class="button small" onClick={open('SPLIT')}>
          {t.split}
        </button>
        <button type="button" class="button small quiet danger" onClick={open('ERASE')}>
          {t.erase}
        </button>
      </div>
      <p class="problem" role="alert">
        {failure.value}
      </p>
      <Exports exports={exports.value} />
      {dialog.value === 'JOIN' && <JoinDialog customer={customer} onClose={close} />}
      {dialog.value === 'SPLIT' && <SplitDialog customer={customer} onClose={close} />}
      {dialog.value === 'ERASE' && <EraseDialog customer={customer} onClose={close} />}
    </section>
  );
}
