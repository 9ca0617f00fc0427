// Proposed merges with their evidence, for data stewards to accept or reject.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { reasonOf } from '../foundation/person';
import type { DeskOperations } from '../operations.generated';
import { execute, refreshQuietly } from './commands';
import { TextField } from './fields';
import { distinguishingText } from './format';
import { texts } from './messages';
import { api, discardDrafts, draft, notice, opened } from './state';

type ProposalPage = NonNullable<DeskOperations['proposals']['answer']['linkProposals']>;
type Proposal = NonNullable<ProposalPage['nodes'][number]>;

/** Bits at which a bar is as long as its half of the column. */
const FULL_BITS = 15;
/** Beyond a million to one the exact number says nothing more. */
const MOST_BITS = 20;

const oddsText = (bits: number): string => Math.round(2 ** Math.min(bits, MOST_BITS)).toLocaleString();

/** The waterfall: what speaks for one person to the right, what speaks against it to the left. */
function Evidence({ evidence }: Pick<Proposal, 'evidence'>) {
  const t = texts.value;
  return (
    <table class="evidence">
      <caption>{t.evidence}</caption>
      <tbody>
        {evidence.map(({ attribute, agreement, bits }) => (
          <tr key={attribute}>
            <th scope="row">{t.attributes[attribute] ?? attribute}</th>
            <td>{t.agreements[agreement] ?? agreement}</td>
            <td>
              <svg class="bar" viewBox="-50 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect
                  class={bits < 0 ? 'against' : 'for'}
                  x={bits < 0 ? -Math.min(50, (-bits / FULL_BITS) * 50) : 0}
                  y={1}
                  width={Math.min(50, (Math.abs(bits) / FULL_BITS) * 50)}
                  height={8}
                />
              </svg>
            </td>
            <td class="number">{bits.toFixed(1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ProposalCard({ one, onDecided }: { one: Proposal; onDecided(): void }) {
  const t = texts.value;
  const field = `proposal ${one.id}`;
  const reason = draft(field);
  const refusal = useSignal<string | null>(null);
  // No button submits the form: Enter in its field decides nothing.
  const decide = async ({ currentTarget }: MouseEvent): Promise<void> => {
    const { form, value: decision } = currentTarget as HTMLButtonElement;
    if (!form!.reportValidity()) return;
    const decisions = [{ proposal: one.id, decision }];
    const outcome = await execute('decideLinkProposals', { decisions, reason: reason.value.trim() });
    const [line] = outcome.success?.decisions ?? [];
    const undone = line === undefined ? null : (t.undone[line.outcome] ?? line.message);
    refusal.value = outcome.refusal ?? undone;
    if (refusal.value !== null || line === undefined) return;
    discardDrafts(field);
    notice.value = t.decided[line.outcome] ?? line.outcome;
    onDecided();
    refreshQuietly();
  };
  return (
    <li class="proposal">
      <p class="strong">{t.oddsFor(oddsText(one.bits))}</p>
      <ul class="sides">
        {one.customers.map((customer) => (
          <li key={customer.id}>
            <a href={`#customer=${encodeURIComponent(customer.id)}`}>{customer.name ?? t.noName}</a>
            <small class="muted">{distinguishingText(customer)}</small>
          </li>
        ))}
      </ul>
      <Evidence evidence={one.evidence} />
      <form class="decide" onSubmit={(event) => event.preventDefault()}>
        <TextField label={t.decisionReason} value={reason} />
        <button
          type="button"
          class="button small primary"
          value="ACCEPT"
          onClick={(event) => void decide(event)}
        >
          {t.accept}
        </button>
        <button type="button" class="button small" value="REJECT" onClick={(event) => void decide(event)}>
          {t.reject}
        </button>
      </form>
      <p class="problem" role="alert">
        {refusal.value}
      </p>
    </li>
  );
}

/** The proposals about one customer, or all that wait. */
export function Proposals({ customerId }: { customerId: string | null }) {
  const t = texts.value;
  const proposals = useSignal<Proposal[] | null>(null);
  const next = useSignal<string | null>(null);
  const failure = useSignal<string | null>(null);
  const read = async (after: string | null): Promise<void> => {
    failure.value = null;
    try {
      const filter = customerId === null ? {} : { customer: customerId };
      const { linkProposals: page } = await api.send('proposals', { filter, after });
      const nodes = (page?.nodes ?? []).filter((one) => one !== null);
      proposals.value = after === null ? nodes : [...(proposals.value ?? []), ...nodes];
      next.value = page?.pageInfo.hasNextPage === true ? (page.pageInfo.endCursor ?? null) : null;
    } catch (error) {
      failure.value = reasonOf(error);
    }
  };
  useEffect(() => void read(null), [customerId, opened.value]);
  return (
    <section class="card stack" aria-labelledby="proposals">
      <h2 id="proposals">{t.proposals}</h2>
      <p class="problem" role="alert">
        {failure.value}
      </p>
      {proposals.value?.length === 0 && <p class="muted">{t.noProposals}</p>}
      <ul class="proposals">
        {(proposals.value ?? []).map((one) => (
          <ProposalCard
            key={one.id}
            one={one}
            onDecided={() => {
              proposals.value = proposals.value!.filter(({ id }) => id !== one.id);
            }}
          />
        ))}
      </ul>
      {next.value !== null && (
        <button type="button" class="button small" onClick={() => void read(next.value)}>
          {t.readOn}
        </button>
      )}
    </section>
  );
}
