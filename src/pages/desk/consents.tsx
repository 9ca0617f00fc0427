// What the person decided about purposes and channels, and the dialog that records another decision.

import { useSignal } from '@preact/signals';
import { CommandDialog } from './commandDialog';
import { execute, refreshQuietly } from './commands';
import { SelectField, TextField } from './fields';
import { dayText, kindText } from './format';
import { texts } from './messages';
import { Panel } from './panel';
import { discardDrafts, draft, type Identifier, notice, type OpenedCustomer } from './state';

type Consent = NonNullable<OpenedCustomer['consents']>[number];
const PREFIX = 'consent ';

/** The last decision about each purpose and channel; they come with the latest first. */
const latest = (consents: readonly Consent[]): Consent[] =>
  consents.filter(
    (one, i) =>
      consents.findIndex(({ purpose, channel }) => purpose === one.purpose && channel === one.channel) === i,
  );

/** An identifier as the input of a consent takes it; null if nobody decides by one of its kind. */
function addressOf({ kind, value, scope }: Identifier): object | null {
  if (value === null) return null;
  if (kind === 'EMAIL') return { email: value };
  if (kind === 'PHONE') return { phone: value };
  if (kind === 'LOYALTY_CARD') return { loyaltyCard: value };
  if (kind === 'WEB_ACCOUNT') return { storefrontAccount: { storefront: scope, account: value } };
  return kind === 'SOCIAL_HANDLE' ? { socialHandle: { network: scope, handle: value } } : null;
}

function ConsentDialog({ identifiers, onClose }: { identifiers: readonly Identifier[]; onClose(): void }) {
  const t = texts.value;
  const known = identifiers.filter((one) => addressOf(one) !== null);
  const field = (name: string, initial = '') => draft(PREFIX + name, initial);
  const decision = field('decision', 'WITHDRAWN');
  const address = field('address', known[0]?.id ?? '');
  const send = async (): Promise<string | null> => {
    const chosen = known.find(({ id }) => id === address.value)!;
    const isGiven = decision.value === 'GIVEN';
    const channel = field('channel').value;
    const consent = {
      address: addressOf(chosen),
      purpose: field('purpose', 'MARKETING').value,
      ...(channel === '' ? {} : { channel }),
      ...(isGiven ? { textVersion: field('textVersion').value.trim() } : {}),
    };
    const { refusal } = await execute(isGiven ? 'recordConsent' : 'withdrawConsent', { consents: [consent] });
    if (refusal !== null) return refusal;
    discardDrafts(PREFIX);
    notice.value = t.recorded;
    refreshQuietly();
    return null;
  };
  return (
    <CommandDialog
      title={t.recordTitle}
      confirm={t.confirm}
      isDisabled={known.length === 0}
      onClose={onClose}
      send={send}
    >
      {known.length === 0 && <p class="problem">{t.noAddress}</p>}
      <SelectField
        label={t.decision}
        value={decision}
        options={[
          ['WITHDRAWN', t.withdraws],
          ['GIVEN', t.gives],
        ]}
      />
      <SelectField
        label={t.purpose}
        value={field('purpose', 'MARKETING')}
        options={Object.entries(t.purposes)}
      />
      <SelectField
        label={t.channel}
        value={field('channel')}
        options={[['', t.anyChannel], ...Object.entries(t.consentChannels)]}
      />
      <SelectField
        label={t.address}
        value={address}
        options={known.map((one) => [one.id, `${kindText(one)} ${one.value}`])}
      />
      {decision.value === 'GIVEN' && <TextField label={t.textVersion} value={field('textVersion')} />}
    </CommandDialog>
  );
}

export function Consents({ customer: { consents, identifiers } }: { customer: OpenedCustomer }) {
  const t = texts.value;
  const isRecording = useSignal(false);
  return (
    <Panel
      id="consents"
      title={t.consents}
      entries={latest(consents ?? [])}
      first={4}
      keyOf={({ id }) => id}
      none={t.noConsents}
      head={
        <button
          type="button"
          class="button small quiet"
          aria-label={t.record}
          onClick={() => {
            isRecording.value = true;
          }}
        >
          {t.recordShort}
        </button>
      }
      dialog={
        isRecording.value && (
          <ConsentDialog
            identifiers={identifiers}
            onClose={() => {
              isRecording.value = false;
            }}
          />
        )
      }
    >
      {({ purpose, channel, decision, at }) => (
        <p class="entry-head">
          <strong>{t.purposes[purpose]}</strong>
          <span class="muted">
            {channel === null ? t.anyChannel : t.consentChannels[channel]} · {dayText(at)}
          </span>
          <span class={decision === 'GIVEN' ? 'mark good' : 'mark bad'}>{t.decisions[decision]}</span>
        </p>
      )}
    </Panel>
  );
}
