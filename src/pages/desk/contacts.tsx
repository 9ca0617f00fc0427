// The last contacts on every channel, and the dialog that notes another one.

import { useSignal } from '@preact/signals';
import { channelText, codeText, whenText } from './format';
import { texts } from './messages';
import { NoteDialog } from './noteDialog';
import { Panel } from './panel';
import type { CustomerContext } from './state';

type LastContact = CustomerContext['lastContacts'][number];

/** What it was about and who handled it. */
function aboutOf({ topic, orderNumber, promise, agent, location }: LastContact): string {
  const t = texts.value;
  return [
    topic === null ? '' : codeText(topic),
    orderNumber,
    promise === null ? '' : t.promised(codeText(promise)),
    agent?.name ?? location?.name,
  ]
    .filter(Boolean)
    .join(' · ');
}

export function Contacts({ context }: { context: CustomerContext }) {
  const t = texts.value;
  const isNoting = useSignal(false);
  const { lastContacts, openCases } = context;
  return (
    <Panel
      id="contacts"
      title={t.contacts}
      entries={lastContacts}
      first={3}
      keyOf={({ id }) => id}
      none={t.noContacts}
      head={
        <>
          {openCases.length > 0 && <span class="mark warn">{t.openCases(openCases.length)}</span>}
          <button
            type="button"
            class="button small quiet"
            aria-label={t.note}
            onClick={() => {
              isNoting.value = true;
            }}
          >
            {t.noteShort}
          </button>
        </>
      }
      dialog={
        isNoting.value && (
          <NoteDialog
            context={context}
            onClose={() => {
              isNoting.value = false;
            }}
          />
        )
      }
    >
      {(one) => (
        <>
          <p class="entry-head">
            <strong>{channelText(one.channel)}</strong>
            <span class="muted">
              {one.direction === 'INBOUND' ? t.inbound : t.outbound} · {whenText(one.at)}
            </span>
            <span class={one.state === 'RESOLVED' ? 'mark' : 'mark warn'}>
              {t.contactStates[one.state] ?? one.state}
            </span>
          </p>
          <p class="muted">{aboutOf(one)}</p>
        </>
      )}
    </Panel>
  );
}
