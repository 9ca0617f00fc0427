// Made-up records of people: frequent and rare names, about five records a person, with errors, gaps and abbreviations.

import { randomNumbers } from '../../src/matcher/random';

const SYLLABLES =
  'ba be bo da de do fa fi ga go ha la le lo ma mi mo na no pa pe ra ri ro sa se so ta te to va vi'.split(
    ' ',
  );
const ENDINGS = 'n r l t s rt nd x m c'.split(' ');
const RECORDS_A_PERSON = 5;

/** A name by its rank: the same rank is always the same name. */
function nameOf(rank: number): string {
  let rest = rank + 7;
  let name = '';
  for (let i = 0; i < 2 + (rank % 3 === 0 ? 1 : 0); i++) {
    name += SYLLABLES[rest % SYLLABLES.length];
    rest = Math.floor(rest / SYLLABLES.length) + rank * 3;
  }
  return `${name}${ENDINGS[(rank * 7) % ENDINGS.length]}${rank > 3000 ? SYLLABLES[rank % 29] : ''}`;
}

/** Ranks as names have them: the k-th is about 1/k as frequent as the first (Zipf). */
const zipf = (draw: number, count: number): number => Math.floor(count ** draw) - 1;

/** A CSV of `count` records: record, person (the truth), and what there is to compare. */
export function madePeople(count: number): string {
  const random = randomNumbers(7);
  const whole = (below: number): number => Math.floor(random() * below);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const typo = (text: string): string => {
    const at = whole(text.length);
    const letter = String.fromCharCode(97 + whole(26));
    return random() < 0.5
      ? text.slice(0, at) + letter + text.slice(at + 1)
      : text.slice(0, at) + text.slice(at + 1);
  };
  const spoilt = (text: string): string => (random() < 0.1 ? typo(text) : text);
  const gap = (text: string, share: number): string => (random() < share ? '' : text);
  const lines = ['record,person,first_name,surname,dob,city,postcode,gender'];
  for (let person = 0; lines.length <= count; person++) {
    const [forename, surname] = [nameOf(zipf(random(), 1500)), nameOf(zipf(random(), 60_000))];
    const department = 1 + zipf(random(), 95);
    const city = `${nameOf(department * 31 + zipf(random(), 40))}ville`;
    const postcode = `${pad(department)}${String(whole(400)).padStart(3, '0')}`;
    const born = `${1930 + whole(75)}-${pad(1 + whole(12))}-${pad(1 + whole(28))}`;
    const gender = random() < 0.5 ? 'f' : 'm';
    const records = 1 + whole(2 * RECORDS_A_PERSON - 1);
    for (let r = 0; r < records && lines.length <= count; r++) {
      const first = random() < 0.08 ? forename.slice(0, 1) : spoilt(forename);
      const date = random() < 0.05 ? born.replace(/\d$/, String(whole(10))) : born;
      lines.push(
        [
          ...[`r${String(lines.length).padStart(7, '0')}`, `p${person}`, gap(first, 0.03), spoilt(surname)],
          ...[gap(date, 0.2), gap(city, 0.2), gap(postcode, 0.25), gap(gender, 0.1)],
        ].join(','),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
