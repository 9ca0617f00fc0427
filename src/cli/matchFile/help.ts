// The help text of `npm run match -- --help`.

export const HELP = `Groups the records of a CSV file by person, without a database. No thresholds or training data are needed.

  npm run match -- PEOPLE.csv[.gz] [options] > groups.csv

PEOPLE has one row a record, with a column that identifies it (record, id, …) and at least two that describe a person.
Comma, semicolon or tab; gzipped or not; UTF-8, or UTF-16 with a byte order mark. An empty cell is not known. Columns
are recognised by their names, English or French; all others are ignored, and listed.

OUTPUT      record,group: one line a record; a group is named by the lowest record in it
  --out FILE              where they go; default: standard output
PROPOSALS   pairs of groups that may be one person but were not joined, the most likely first: log2 odds, probability,
            their strongest pair of records and its evidence, attribute by attribute in bits
  --proposals FILE        default: not written
EVIDENCE
  --explain RECORD,RECORD prints why two records are or are not one person, instead of the groups
COLUMNS
  --columns ROLE=NAME,…   where names are not recognised: record, forename, surname, full_name, birth_date, postcode,
                          locality; and other=NAME for each further attribute to compare
THRESHOLDS  log2 odds: 0 is as likely as not, 3 is 8 to 1, −4 is 1 to 16
  --join 0                joins from here on; default 0
  --propose -4            proposes from here on; default −4

EXAMPLES
  npm run match -- people.csv.gz --out groups.csv --proposals review.csv
  npm run match -- crm.csv --columns record=NUMERO,forename=PRENOM,surname=NOM,other=EMAIL --out groups.csv
  npm run match -- people.csv --explain 4711,4712
`;
