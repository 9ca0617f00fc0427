// Grouping made-up people: accuracy, order, decisions, evidence, small and empty inputs.

import { createExplainer } from '../../src/matcher/explain';
import { type MatchResult, matchPeople } from '../../src/matcher/matcher';
import type { PeopleInput, PersonRecord } from '../../src/matcher/people';
import { randomNumbers } from '../../src/matcher/random';
import { madePeople } from '../bench/identityPeople';

const truth = new Map<string, string>();

function input(count: number): PeopleInput {
  const lines = madePeople(count).trimEnd().split('\n').slice(1);
  const records = lines.map((line): PersonRecord => {
    const [id, person, forename, surname, birthDate, city, postcode, gender] = line.split(',') as string[];
    truth.set(id!, person!);
    return {
      ...{ id: id!, forename: forename!, surname: surname!, fullName: '', birthDate: birthDate! },
      ...{ postcode: postcode!, others: [gender!, city!] },
    };
  });
  return { attributes: ['gender', 'city'], locality: 1, records };
}

const people = input(1000);
const PROPOSE_BITS = -30;
const result = matchPeople(people, { proposeBits: PROPOSE_BITS });
const groupOf = (of: MatchResult): Map<string, string> => new Map(of.ids.map((id, i) => [id, of.groups[i]!]));

/** Pairs of records that are in one group, and that are of one person. */
function pairCounts(of: MatchResult): { both: number; grouped: number; true: number } {
  const counts = { both: 0, grouped: 0, true: 0 };
  of.ids.forEach((left, i) => {
    for (let j = i + 1; j < of.ids.length; j++) {
      const inGroup = of.groups[i] === of.groups[j];
      const isTrue = truth.get(left) === truth.get(of.ids[j]!);
      counts.both += Number(inGroup && isTrue);
      counts.grouped += Number(inGroup);
      counts.true += Number(isTrue);
    }
  });
  return counts;
}

test('records of a person come together, those of two do not', () => {
  const { both, grouped, true: all } = pairCounts(result);
  expect(both / grouped).toBeGreaterThan(0.97);
  expect(both / all).toBeGreaterThan(0.9);
});

test('the order of the records changes nothing', () => {
  const random = randomNumbers(3);
  const shuffled = people.records
    .map((record) => ({ record, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ record }) => record);
  const again = matchPeople({ ...people, records: shuffled }, { proposeBits: PROPOSE_BITS });
  expect(again.groups).toEqual(result.groups);
  expect(again.proposals).toEqual(result.proposals);
});

test('links connect each group; proposals are between groups, and less certain', () => {
  const groups = groupOf(result);
  for (const { left, right } of result.links) expect(groups.get(left)).toBe(groups.get(right));
  const sizes = new Map<string, number>();
  for (const group of result.groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  expect(result.links.length).toBeLessThanOrEqual(result.ids.length - sizes.size);
  expect(result.proposals.length).toBeGreaterThan(0);
  for (const {
    groups: [a, b],
    left,
    right,
    odds,
  } of result.proposals) {
    expect(odds).toBeLessThan(0);
    expect(odds).toBeGreaterThanOrEqual(PROPOSE_BITS);
    expect(new Set([groups.get(left), groups.get(right)])).toEqual(new Set([a, b]));
    expect(a).not.toBe(b);
  }
});

test('the evidence of a pair adds up, from both sides, also after a thread has handed the result over', () => {
  const { left, right, bits } = result.links[10]!;
  const evidence = createExplainer(structuredClone(result))(left, right);
  expect(evidence.parts.map(({ attribute }) => attribute)).toEqual(
    'prior,forename,surname,further names,birth date,postcode,gender,city'.split(','),
  );
  expect(evidence.parts.reduce((sum, part) => sum + part.bits, 0)).toBeCloseTo(evidence.bits, 9);
  expect(evidence.bits).toBeCloseTo(bits, 3);
  expect(createExplainer(result)(right, left).bits).toBeCloseTo(evidence.bits, 9);
  expect(() => createExplainer(result)(left, 'nobody')).toThrow('There is no record nobody');
});

test('what people have decided is kept', () => {
  const groups = groupOf(result);
  const { left, right } = result.links[0]!;
  const stranger = result.ids.find((id) => groups.get(id) !== groups.get(left))!;
  const decisions = { together: [[left, stranger]], apart: [[left, right]] } as const;
  const decided = groupOf(matchPeople(people, { decisions }));
  expect(decided.get(stranger)).toBe(decided.get(left));
  expect(decided.get(right)).not.toBe(decided.get(left));
});

test('a rare name is stronger evidence than a frequent one', () => {
  const { parts } = createExplainer(result)(result.links[0]!.left, result.links[0]!.right);
  expect(parts.find(({ attribute }) => attribute === 'surname')!.bits).toBeGreaterThan(4);
  const { shares } = result.model;
  const sorted = [...shares.words[1].shares].sort((a, b) => a - b);
  expect(sorted.at(-1)! / sorted[0]!).toBeGreaterThan(5);
});

const person = (id: string, values: Partial<PersonRecord>): PersonRecord => ({
  ...{ id, forename: '', surname: '', fullName: '', birthDate: '', postcode: '', others: [] },
  ...values,
});
const few = (records: PersonRecord[]) => matchPeople({ attributes: [], locality: -1, records }).groups;

test('few records, and none', () => {
  expect(few([])).toEqual([]);
  expect(few([person('a', {})])).toEqual(['a']);
  const emma = { surname: 'Gautier', birthDate: '1980-05-17', postcode: '75011' };
  const paul = { forename: 'Paul', surname: 'Roux', birthDate: '1971-11-02', postcode: '69003' };
  const records = [
    person('a', { forename: 'Emma', ...emma }),
    person('b', paul),
    person('c', { forename: 'Emma', ...emma, surname: 'Gauthier' }),
    person('d', {}),
  ];
  expect(few(records)).toEqual(['a', 'b', 'a', 'd']);
});

test('an id that occurs twice is refused', () => {
  expect(() => few([person('a', {}), person('a', {})])).toThrow(new RangeError('The id a occurs twice'));
});
