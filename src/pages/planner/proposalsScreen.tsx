// The screen of proposals: filters and decisions above, the table, and beside it why the focused quantity is proposed.

import { useRef } from 'preact/hooks';
import { Icon } from '../foundation/icon';
import { ask } from './decide';
import { Detail } from './detail';
import { numberText } from './format';
import { Grid } from './grid';
import { texts } from './messages';
import { conflicts, entries, focused, isComplete, removeDecided, selection, shown } from './proposals';
import { changeView, view } from './state';
import { sourceOf, type TableView, USUAL_VIEW, viewText } from './table';

type Option = readonly [value: string, name: string];

/** What the entries offer for a filter, by name. */
function optionsOf(pick: (entry: (typeof entries.value)[number]) => Option): Option[] {
  const found = new Map(entries.value.map(pick));
  return [...found].sort((a, b) => (a[1] < b[1] ? -1 : 1));
}

interface FilterProps {
  name: 'location' | 'source' | 'abc';
  label: string;
  all: string;
  options: readonly Option[];
}

const Filter = ({ name, label, all, options }: FilterProps) => (
  <select
    aria-label={label}
    value={view.value[name]}
    onChange={({ currentTarget }) => changeView({ [name]: currentTarget.value } as Partial<TableView>)}
  >
    <option value="">{all}</option>
    {options.map(([value, text]) => (
      <option key={value} value={value}>
        {text}
      </option>
    ))}
  </select>
);

function Filters() {
  const t = texts.value;
  const search = useRef<HTMLInputElement>(null);
  const isUsual = viewText({ ...view.value, sort: 'margin', isDescending: true }) === '';
  return (
    <search class="filters">
      <input
        ref={search}
        type="search"
        data-search
        aria-label={t.search}
        placeholder={t.search}
        value={view.value.search}
        onInput={({ currentTarget }) => changeView({ search: currentTarget.value })}
      />
      <Filter
        name="location"
        label={t.location}
        all={t.allLocations}
        options={optionsOf((entry) => [entry.location, entry.locationName])}
      />
      <Filter
        name="source"
        label={t.source}
        all={t.allSources}
        options={optionsOf((entry) => [
          sourceOf(entry),
          entry.supplier === null ? t.transferFrom(entry.sourceName) : entry.sourceName,
        ])}
      />
      <Filter
        name="abc"
        label={t.abcClass}
        all={t.allClasses}
        options={['A', 'B', 'C'].map((one) => [one, one])}
      />
      <button
        type="button"
        class="button small"
        aria-pressed={view.value.editedOnly}
        onClick={() => changeView({ editedOnly: !view.value.editedOnly })}
      >
        {t.editedOnly}
      </button>
      {!isUsual && (
        <button
          type="button"
          class="button small quiet"
          onClick={() => {
            const { sort, isDescending } = view.value;
            changeView({ ...USUAL_VIEW, sort, isDescending });
          }}
        >
          {t.clearView}
        </button>
      )}
    </search>
  );
}

function Decisions() {
  const t = texts.value;
  const count = selection.value.size;
  const isNone = count === 0 && focused.value === null;
  return (
    <div class="decisions">
      <p>
        {isComplete.value
          ? t.shown(numberText(shown.value.length), numberText(entries.value.length))
          : t.loading(entries.value.length)}
        {count > 0 && <strong> · {t.selected(numberText(count))}</strong>}
      </p>
      {conflicts.value.size > 0 && (
        <button
          type="button"
          class="button small"
          onClick={() => removeDecided(new Set(conflicts.value.keys()))}
        >
          {t.hideDecided(conflicts.value.size)}
        </button>
      )}
      <button type="button" class="button small primary" disabled={isNone} onClick={() => ask('APPROVE')}>
        <Icon name="check" />
        {t.approve}
      </button>
      <button type="button" class="button small" disabled={isNone} onClick={() => ask('REJECT')}>
        <Icon name="close" />
        {t.reject}
      </button>
    </div>
  );
}

export function ProposalsScreen() {
  return (
    <main class="proposals">
      <Filters />
      <Decisions />
      <Grid />
      <Detail />
      <p class="keys muted">{texts.value.keys}</p>
    </main>
  );
}
