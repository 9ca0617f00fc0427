// Notes a conversation: on which channel, about what, whether it is resolved, and what was promised. Never its content.

import { useEffect } from 'preact/hooks';
import { CommandDialog } from './commandDialog';
import { execute, refreshQuietly } from './commands';
import { CheckField, SelectField } from './fields';
import { channelText, codeText, namingIdentifier } from './format';
import { texts } from './messages';
import {
  type CustomerContext,
  draft,
  forgetDrafts,
  locations,
  notice,
  problem,
  readLocations,
  reasonOf,
} from './state';

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

interface NoteDialogProps {
  context: CustomerContext;
  onClose(): void;
}

export function NoteDialog({ context: { customer }, onClose }: NoteDialogProps) {
  const t = texts.value;
  const field = (name: string, initial = '') => draft(PREFIX + name, initial);
  useEffect(() => {
    readLocations().catch((error: unknown) => {
      problem.value = reasonOf(error);
    });
  }, []);
  const orders = customer.openOrders.flatMap(({ order }) => order ?? []);
  const usual = customer.preferences?.location?.location.code ?? orders[0]?.location.code;
  const location = field('location', usual ?? '');
  const codes = locations.value.map(({ code }) => code);
  const chosen = codes.includes(location.value) ? location.value : codes[0];
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
    forgetDrafts(PREFIX);
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
      {codes.length > 0 && (
        <SelectField
          label={t.location}
          value={location}
          options={locations.value.map(({ code, name }) => [code, name])}
        />
      )}
      <SelectField label={t.promise} value={promise} options={[['', t.noPromise], ...withTexts(PROMISES)]} />
      {promise.value !== '' && (
        <label class="field">
          <span>{t.promiseTime}</span>
          <input
            type="datetime-local"
            value={field('promiseTime').value}
            onInput={(event) => {
              field('promiseTime').value = event.currentTarget.value;
            }}
          />
        </label>
      )}
      <CheckField value={field('resolved')}>{t.isResolved}</CheckField>
    </CommandDialog>
  );
}
