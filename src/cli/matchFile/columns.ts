// Which column of a file is which attribute of a person.

import { OperatorError } from '../../refusals';

export const ROLES = [
  'record',
  'forename',
  'surname',
  'full_name',
  'birth_date',
  'postcode',
  'locality',
] as const;
export type ColumnRole = (typeof ROLES)[number];

/** Columns that the command line names. */
export interface NamedColumns {
  roles: Map<ColumnRole, string>;
  others: string[];
}

export interface PeopleColumns {
  /** Index by role. */
  at: Map<ColumnRole, number>;
  others: { name: string; at: number }[];
  ignored: string[];
}

/** Names as they are compared: lower case, without accents, blanks and underscores. */
const plain = (name: string): string =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

const KNOWN: Record<ColumnRole, readonly string[]> = {
  record: [
    'record',
    'recordid',
    'id',
    'uniqueid',
    'customerid',
    'customernumber',
    'numero',
    'numeroclient',
    'idclient',
  ],
  forename: ['forename', 'firstname', 'givenname', 'prenom'],
  surname: ['surname', 'lastname', 'familyname', 'nom', 'nomdefamille'],
  full_name: ['fullname', 'name', 'nomcomplet', 'customername'],
  birth_date: [
    'birthdate',
    'dateofbirth',
    'dob',
    'birthday',
    'datedenaissance',
    'datenaissance',
    'naissance',
  ],
  postcode: ['postcode', 'postalcode', 'zip', 'zipcode', 'codepostal', 'cp'],
  locality: ['locality', 'city', 'town', 'ville', 'commune', 'birthplace', 'placeofbirth', 'lieudenaissance'],
};
const KNOWN_OTHERS = new Set(
  'gender sex sexe occupation profession metier email mail courriel phone phonenumber telephone tel mobile street address adresse'.split(
    ' ',
  ),
);
const LEAST_ATTRIBUTES = 2;

/** Finds the columns. @throws OperatorError where the record's is missing, or too few describe a person */
export function findColumns(header: readonly string[], file: string, named: NamedColumns): PeopleColumns {
  const names = header.map((name) => name.trim());
  const exact = (name: string, as: string): number => {
    const at = names.findIndex((each) => each.toLowerCase() === name.toLowerCase());
    if (at < 0)
      throw new OperatorError(
        `${file} has no column '${name}' (--columns ${as}=${name}); it has ${names.join(', ')}.`,
      );
    return at;
  };
  const at = new Map<ColumnRole, number>();
  const used = new Set<number>();
  for (const [role, name] of named.roles) at.set(role, exact(name, role));
  const others = named.others.map((name) => ({ name, at: exact(name, 'other') }));
  for (const index of [...at.values(), ...others.map((each) => each.at)]) {
    if (used.has(index)) throw new OperatorError(`--columns names the column ${names[index]} twice.`);
    used.add(index);
  }
  for (const role of ROLES) {
    if (at.has(role)) continue;
    const index = KNOWN[role]
      .map((known) => names.findIndex((name, i) => !used.has(i) && plain(name) === known))
      .find((found) => found >= 0);
    if (index === undefined) continue;
    at.set(role, index);
    used.add(index);
  }
  names.forEach((name, index) => {
    if (used.has(index) || !KNOWN_OTHERS.has(plain(name))) return;
    others.push({ name, at: index });
    used.add(index);
  });
  if (!at.has('record'))
    throw new OperatorError(
      `${file} has no column that identifies a record (record, id, …); it has ${names.join(', ')}. Name it: --columns record=NAME`,
    );
  if (at.size - 1 + others.length < LEAST_ATTRIBUTES)
    throw new OperatorError(
      `${file} has too few columns that describe a person; it has ${names.join(', ')}. Name them: --columns surname=NAME,… (see --help)`,
    );
  return { at, others, ignored: names.filter((name, index) => !used.has(index) && name !== '') };
}
