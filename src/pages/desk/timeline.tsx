// All that happened with the person, over all channels, newest first; read in pages.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { moneyText } from '../foundation/language';
import { reasonOf } from '../foundation/person';
import type { DeskOperations } from '../operations.generated';
import { channelText, codeText, whenText } from './format';
import { texts } from './messages';
import { api, opened } from './state';

type TimelinePage = NonNullable<DeskOperations['timeline']['answer']['customerTimeline']>;
type TimelineEntry = NonNullable<TimelinePage['nodes'][number]>;

/** What the facts of an entry say: a receipt, its amount, a topic. */
function factsText({ facts }: TimelineEntry): string {
  const { receipt, units, amountMinor, currency, topic } = (facts ?? {}) as Record<string, unknown>;
  return [
    typeof receipt === 'string' ? receipt : '',
    typeof units === 'number' ? `× ${units}` : '',
    typeof amountMinor === 'number' && typeof currency === 'string'
      ? moneyText({ amountMinor, currency })
      : '',
    typeof topic === 'string' ? codeText(topic) : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function TimelineLine({ one }: { one: TimelineEntry }) {
  const t = texts.value;
  return (
    <li class="timeline-line">
      <time dateTime={one.at}>{whenText(one.at)}</time>
      <span>
        <strong>{t.events[one.kind] ?? one.kind}</strong>{' '}
        {[one.order?.number, one.return?.number, factsText(one)].filter(Boolean).join(' · ')}
        <small>
          {[channelText(one.channel), one.location?.name, one.source, one.isVerified ? '' : t.unverified]
            .filter(Boolean)
            .join(' · ')}
        </small>
      </span>
    </li>
  );
}

export function Timeline({ customerId }: { customerId: string }) {
  const t = texts.value;
  const entries = useSignal<TimelineEntry[]>([]);
  const next = useSignal<string | null>(null);
  const failure = useSignal<string | null>(null);
  const isRead = useSignal(false);
  const read = async (after: string | null): Promise<void> => {
    failure.value = null;
    try {
      const { customerTimeline: page } = await api.send('timeline', { by: { id: customerId }, after });
      const nodes = (page?.nodes ?? []).filter((one) => one !== null);
      entries.value = after === null ? nodes : [...entries.value, ...nodes];
      next.value = page?.pageInfo.hasNextPage === true ? (page.pageInfo.endCursor ?? null) : null;
      isRead.value = true;
    } catch (error) {
      failure.value = reasonOf(error);
    }
  };
  // Again after each command: what was done is its newest entry.
  useEffect(() => void read(null), [opened.value]);
  return (
    <section class="card timeline" aria-labelledby="timeline">
      <h2 id="timeline">{t.timeline}</h2>
      <p class="problem" role="alert">
        {failure.value}
      </p>
      {isRead.value && entries.value.length === 0 && <p class="muted">{t.noTimeline}</p>}
      <ol>
        {entries.value.map((one) => (
          <TimelineLine key={one.id} one={one} />
        ))}
      </ol>
      {next.value !== null && (
        <button type="button" class="button small" onClick={() => void read(next.value)}>
          {t.readOn}
        </button>
      )}
    </section>
  );
}
