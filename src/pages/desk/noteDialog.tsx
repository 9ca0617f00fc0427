// Notes a conversation: on which channel, about what, whether it is resolved, and what was promised. Never its content.

import type { Signal } from '@preact/signals';
import { CommandDialog } from './commandDialog';
import { execute, refreshQuietly } from './commands';
import { CheckField, SelectField } from './fields';
import { channelText, codeText, namingIdentifier } from './format';
import { chosenLocation, LocationField } from './locationField';
import { texts } from './messages';
import { type CustomerContext, discardDrafts, draft, notice } from './state';

const CHANNELS = [
  'PHONE',
  'EMAIL',
  'CHAT',
  'SMS',
  'WHATSAPP',
  'INSTAGRAM',
  'FACEBOOK',
  'X',
  'FORM',
  'IN_STORE',
];
const TOPICS = ['LATE_ORDER', 'RETURN', 'PRODUCT', 'PAYMENT', 'COMPLAINT', 'OTHER'];
const PROMISES = ['CALL_BACK', 'SEND_MAIL', 'REFUND'];
const PREFIX = 'note ';

const withTexts = (codes: readonly string[]): [string, string][] =>
  codes.map((code) => [code, codeText(code)]);

/** What was promised, and for when. */
function PromiseFields({ promise, time }: Record<'promise' | 'time', Signal<string>>) {
  const t = texts.value;
  return (
    <>
      <SelectField label={t.promise} value={promise} options={[['', t.noPromise], ...withTexts(PROMISES)]} />
      {promise.value !== '' && (
        <label class="field">
          <span>{t.promiseTime}</span>
          <input
            type="datetime-local"
            value={time.value}
            onInput={(event) => {
              time.value = event.currentTarget.value;
            }}
          />
        </label>
      )}
    </>
  );
}

interface NoteDialogProps {
  context: CustomerContext;
  onClose(): void;
}

export function NoteDialog({ context: { customer }, onClose }: NoteDialogProps) {
  const t = texts.value;
  const field = (name: string, initial = '') => draft(PREFIX + name, initial);
  const orders = customer.openOrders.flatMap(({ order }) => order ?? []);
  const usual = customer.preferences?.location?.location.code ?? orders[0]?.location.code;
  const location = field('location', usual ?? '');
  const chosen = chosenLocation(location);
  const identifier = namingIdentifier(customer);
  const order = field('order', orders[0]?.number ?? '');
  const promise = field('promise');
  const isNamed = identifier !== null || order.value !== '';
  const send = async (): Promise<string | null> => {
    const time = field('promiseTime').value;
    const { refusal } = await execute('noteContact', {
      ...{ location: chosen, channel: field('channel', CHANNELS[0]).value },
      ...{ direction: field('direction', 'INBOUND').value, topic: field('topic', TOPICS[0]).value },
      resolved: field('resolved').value !== '',
      ...(order.value === '' ? {} : { orderNumber: order.value }),
      ...(promise.value === '' ? {} : { promise: promise.value }),
      ...(promise.value === '' || time === '' ? {} : { promisedFor: new Date(time).toISOString() }),
      ...(identifier === null ? {} : { identifiers: [identifier] }),
    });
    if (refusal !== null) return refusal;
    discardDrafts(PREFIX);
    notice.value = t.done.noteContact ?? '';
    refreshQuietly();
    return null;
  };
  return (
    <CommandDialog
      title={t.note}
      confirm={t.confirm}
      isDisabled={chosen === undefined || !isNamed}
      onClose={onClose}
      send={send}
    >
      {!isNamed && <p class="problem">{t.noIdentifier}</p>}
      <SelectField
        label={t.channel}
        value={field('channel', CHANNELS[0])}
        options={CHANNELS.map((one) => [one, channelText(one)])}
      />
      <SelectField
        label={t.direction}
        value={field('direction', 'INBOUND')}
        options={[
          ['INBOUND', t.inbound],
          ['OUTBOUND', t.outbound],
        ]}
      />
      <SelectField label={t.topic} value={field('topic', TOPICS[0])} options={withTexts(TOPICS)} />
      <SelectField
        label={t.order}
        value={order}
        options={[...orders.map(({ number }): [string, string] => [number, number]), ['', t.noOrder]]}
      />
      <LocationField value={location} />
      <PromiseFields promise={promise} time={field('promiseTime')} />
      <CheckField value={field('resolved')}>{t.isResolved}</CheckField>
    </CommandDialog>
  );
}
