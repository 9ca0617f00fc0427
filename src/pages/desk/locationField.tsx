// The choice of a location by its name. The names are read when it is shown, unless they were before.

import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { problem, reasonOf } from '../foundation/person';
import { SelectField } from './fields';
import { texts } from './messages';
import { locations, readLocations } from './state';

/** The code that is chosen: the first location while it is none of the known ones; undefined until they are read. */
export function chosenLocation(value: Signal<string>): string | undefined {
  const codes = locations.value.map(({ code }) => code);
  return codes.includes(value.value) ? value.value : codes[0];
}

export function LocationField({ value }: { value: Signal<string> }) {
  useEffect(() => {
    readLocations().catch((error: unknown) => {
      problem.value = reasonOf(error);
    });
  }, []);
  if (locations.value.length === 0) return null;
  return (
    <SelectField
      label={texts.value.location}
      value={value}
      options={locations.value.map(({ code, name }) => [code, name])}
    />
  );
}
