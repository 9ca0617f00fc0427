// What to do now: each suggestion with its reason, and its act behind one click with a confirmation.

import { useSignal } from '@preact/signals';
import { CommandDialog } from './commandDialog';
import { type CommandName, execute, refreshQuietly } from './commands';
import { CheckField, TextField } from './fields';
import { inputOf, suggestionText } from './format';
import { chosenLocation, LocationField } from './locationField';
import { texts } from './messages';
import { Panel } from './panel';
import {
  type CustomerContext,
  discardDrafts,
  draft,
  isAgent,
  locationName,
  notice,
  opened,
  type SuggestedAct,
} from './state';

/** The commands that suggestions name, and that the service desk knows how to confirm. */
const COMMANDS = [
  'createTransfer',
  'unlockPickupCode',
  'noteContact',
  'cancelOrder',
  'requestReturn',
] as const;
type SuggestedCommand = (typeof COMMANDS)[number] & CommandName;
/** Fields that the agent completes here. Identifiers are not typed by hand: a customer without any is noted in the help desk. */
const COMPLETED = ['reason', 'resolved', 'location'];

const commandOf = ({ mutation, toComplete }: SuggestedAct): SuggestedCommand | null => {
  const isComplete = toComplete.every((field) => COMPLETED.includes(field));
  return isComplete ? (COMMANDS.find((one) => one === mutation) ?? null) : null;
};
/** Data stewards note contacts; the other acts change orders, which agents do. */
const mayDo = (command: SuggestedCommand): boolean => isAgent() || command === 'noteContact';

const keyOf = ({ kind, orderNumber, dueAt }: SuggestedAct): string => `${kind} ${orderNumber} ${dueAt}`;

/** What the act will do, in words. */
function What({ one, command }: { one: SuggestedAct; command: SuggestedCommand }) {
  const t = texts.value;
  const { from = '', to = '' } = inputOf(one);
  const reached = opened.value!.customer.identifiers.filter(
    ({ kind, value }) => (kind === 'PHONE' || kind === 'EMAIL') && value !== null,
  );
  return (
    <>
      <p>{suggestionText(one, opened.value!)}</p>
      <p class="muted">
        {command === 'createTransfer'
          ? t.what.createTransfer(locationName(from), locationName(to))
          : t.what[command]}
      </p>
      {command === 'noteContact' && (
        <ul class="entries">
          {reached.map(({ id, value }) => (
            <li key={id} class="strong">
              {value}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Units of each article to return: what the person keeps is set to 0. */
function ReturnedUnits({
  one,
  field,
}: {
  one: SuggestedAct;
  field: (name: string, initial?: string) => ReturnType<typeof draft>;
}) {
  const names = new Map(opened.value!.customer.returnables.map(({ sku }) => [sku.code, sku.name]));
  return (
    <>
      {inputOf(one).lines!.map(({ sku, quantity }) => {
        const value = field(sku, String(quantity));
        return (
          <label class="field" key={sku}>
            <span>{texts.value.quantityOf(names.get(sku) ?? sku)}</span>
            <input
              type="number"
              min={0}
              max={quantity}
              required
              value={value.value}
              onInput={(event) => {
                value.value = event.currentTarget.value;
              }}
            />
          </label>
        );
      })}
    </>
  );
}

function ActDialog({
  one,
  command,
  onClose,
}: {
  one: SuggestedAct;
  command: SuggestedCommand;
  onClose(): void;
}) {
  const t = texts.value;
  const prefix = `${keyOf(one)} `;
  const field = (name: string, initial = '') => draft(prefix + name, initial);
  const isAsked = (name: string): boolean => one.toComplete.includes(name);
  const isReturn = command === 'requestReturn';
  const location = field('location');
  const send = async (): Promise<string | null> => {
    const input = inputOf(one);
    const lines = (input.lines ?? [])
      .map(({ sku, quantity }) => ({ sku, quantity: isReturn ? Number(field(sku).value) : quantity }))
      .filter(({ quantity }) => quantity > 0);
    if (isReturn && lines.length === 0) return t.nothingChosen;
    const { refusal } = await execute(command, {
      ...input,
      ...(input.lines === undefined ? {} : { lines }),
      ...(isAsked('reason') ? { reason: field('reason').value.trim() } : {}),
      ...(isAsked('resolved') ? { resolved: field('resolved').value !== '' } : {}),
      ...(isAsked('location') ? { location: chosenLocation(location) } : {}),
    });
    if (refusal !== null) return refusal;
    discardDrafts(prefix);
    notice.value = t.done[command] ?? '';
    refreshQuietly();
    return null;
  };
  return (
    <CommandDialog
      title={t.acts[one.kind] ?? one.kind}
      confirm={t.confirm}
      isGrave={command === 'cancelOrder'}
      isDisabled={isAsked('location') && chosenLocation(location) === undefined}
      onClose={onClose}
      send={send}
    >
      <What one={one} command={command} />
      {isReturn && <ReturnedUnits one={one} field={field} />}
      {isAsked('reason') && <TextField label={t.reason} hint={t.reasonHint} value={field('reason')} />}
      {isAsked('location') && <LocationField value={location} />}
      {isAsked('resolved') && <CheckField value={field('resolved')}>{t.isResolved}</CheckField>}
    </CommandDialog>
  );
}

export function Suggestions({ context }: { context: CustomerContext }) {
  const t = texts.value;
  const chosen = useSignal<{ one: SuggestedAct; command: SuggestedCommand } | null>(null);
  return (
    <Panel
      id="suggestions"
      title={t.suggestions}
      entries={context.suggestions}
      first={3}
      keyOf={keyOf}
      none={t.noSuggestions}
      dialog={
        chosen.value !== null && (
          <ActDialog
            {...chosen.value}
            onClose={() => {
              chosen.value = null;
            }}
          />
        )
      }
    >
      {(one) => {
        const command = commandOf(one);
        const isAllowed = command !== null && mayDo(command);
        return (
          <>
            <p>{suggestionText(one, context)}</p>
            {isAllowed ? (
              <button
                type="button"
                class="button small primary"
                onClick={() => {
                  chosen.value = { one, command };
                }}
              >
                {t.acts[one.kind] ?? one.kind}
              </button>
            ) : (
              <small class="muted">{command === null ? t.notHere : t.notYours}</small>
            )}
          </>
        );
      }}
    </Panel>
  );
}
