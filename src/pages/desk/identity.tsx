// Who the person is and how sure that is: the name, what was verified, and what is only probable or stated.

import { moneyText } from '../foundation/language';
import { attributeOf, channelText, dayText, kindText, languageText } from './format';
import { texts } from './messages';
import { Panel } from './panel';
import type { Identifier, OpenedCustomer } from './state';

/** How sure it is, in a line of marks. */
function Sureness({ identifiers, claimedIdentifiers }: OpenedCustomer) {
  const t = texts.value;
  const verified = identifiers.filter(({ standing }) => standing === 'VERIFIED').length;
  const byModel = identifiers.filter(({ joinedBy }) => joinedBy === 'MODEL').length;
  const claimed = claimedIdentifiers?.length ?? 0;
  return (
    <p class="marks">
      <span class={verified > 0 ? 'mark good' : 'mark bad'}>
        {verified > 0 ? t.sureVerified(verified) : t.sureNone}
      </span>
      {byModel > 0 && <span class="mark warn">{t.sureModel(byModel)}</span>}
      {claimed > 0 && <span class="mark warn">{t.sureClaimed(claimed)}</span>}
    </p>
  );
}

/** The head of a customer: name, town, how sure, and what was bought. */
export function Who({ customer }: { customer: OpenedCustomer }) {
  const t = texts.value;
  const purchases = customer.purchases ?? [];
  const count = purchases.reduce((sum, one) => sum + one.purchases, 0);
  const town = [attributeOf(customer, 'POSTAL_CODE'), attributeOf(customer, 'CITY')]
    .filter(Boolean)
    .join(' ');
  return (
    <header class="who">
      <div>
        <h1 id="who" tabIndex={-1}>
          {customer.name ?? t.noName}
        </h1>
        <p class="muted">
          {[
            town,
            ...(count > 0 ? [t.purchases(count)] : []),
            ...purchases
              .filter(({ value }) => value !== null)
              .slice(0, 2)
              .map(
                ({ channel, value, lastAt }) =>
                  `${channelText(channel)} ${moneyText(value!)} (${dayText(lastAt)})`,
              ),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      <Sureness {...customer} />
    </header>
  );
}

function IdentifierLine({ one }: { one: Identifier }) {
  const t = texts.value;
  const standing = { VERIFIED: 'mark good', CLAIMED: 'mark warn', SHARED: 'mark bad' }[one.standing];
  return (
    <p class="entry-head">
      <span class="muted">{kindText(one)}</span>
      <strong class="value">{one.value ?? t.hidden}</strong>
      <span class={one.joinedBy === 'MODEL' ? 'mark warn' : standing}>
        {one.joinedBy === 'MODEL' ? t.byModel : t.standings[one.standing]}
      </span>
    </p>
  );
}

/** By what the person is known. What can be read and was verified comes first. */
export function Identity({ identifiers, claimedIdentifiers }: OpenedCustomer) {
  const t = texts.value;
  const rank = ({ value, standing }: Identifier): number =>
    (value === null ? 2 : 0) + (standing === 'VERIFIED' ? 0 : 1);
  const all = [...identifiers].sort((a, b) => rank(a) - rank(b));
  return (
    <Panel
      id="identity"
      title={t.identity}
      entries={[...all, ...(claimedIdentifiers ?? [])]}
      first={5}
      keyOf={({ id, standing }) => `${standing} ${id}`}
      none={t.sureNone}
    >
      {(one) => <IdentifierLine one={one} />}
    </Panel>
  );
}

export function Preferences({ preferences }: Pick<OpenedCustomer, 'preferences'>) {
  const t = texts.value;
  const { contactChannel = null, language = null, location = null, hour = null } = preferences ?? {};
  const known = [
    contactChannel === null ? '' : (t.reachedBy[contactChannel] ?? contactChannel),
    language === null ? '' : languageText(language),
    location === null ? '' : t.usualShop(location.location.name, location.times, location.of),
    hour === null ? '' : t.usualHour(hour.hour),
  ].filter(Boolean);
  return (
    <section class="card panel preferences" aria-labelledby="preferences">
      <h2 id="preferences">{t.preferences}</h2>
      <p class={known.length === 0 ? 'muted' : undefined}>
        {known.length === 0 ? t.noPreferences : known.join(' · ')}
      </p>
    </section>
  );
}
