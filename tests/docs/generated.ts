// The parts of pages that are made from the code: the tables of settings, of jobs, and of personal data.

import { TIMETABLE } from '../../jobs/timetable';
import { SETTINGS } from '../../src/config/settings';
import { REGISTRY } from '../../src/customer/rules/personalData';
import { NOT_PERSONAL, type NotPersonal, type PersonalData } from '../../src/values/document';
import { LEGAL_BASES, RETENTION_RULES } from '../../src/values/retention';

/** By what a column is exported: a path of `customerData` and the files of `exportCustomer`, these alone, or why it is not. */
function exportOf({ exported }: PersonalData): string {
  if (typeof exported === 'string') return `\`${exported}\` of \`customerData\`, and \`exportCustomer\``;
  return 'onlyBy' in exported ? `\`${exported.onlyBy}\`` : `no: ${exported.not}`;
}

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const PARTS: Record<string, () => string> = {
  settings: () =>
    table(
      ['variable', 'default', 'meaning'],
      Object.entries(SETTINGS).map(([name, { default: usual, description }]) => [
        `\`${name}\``,
        typeof usual === 'number' ? `\`${usual}\`` : usual,
        description,
      ]),
    ),
  jobs: () =>
    table(
      ['job', 'due (cron, UTC)', 'what it does'],
      TIMETABLE.map(({ name, cron, what }) => [`\`${name}\``, `\`${cron}\``, what]),
    ),
  personalData: () =>
    table(
      ['column', 'used for', 'legal basis', 'kept', 'exported', 'after an erasure'],
      REGISTRY.flatMap(({ table, column, content }) =>
        typeof content === 'string'
          ? []
          : [
              [
                `\`${table}.${column}\``,
                content.purpose,
                LEGAL_BASES[content.legalBasis],
                RETENTION_RULES[content.retention].kept,
                exportOf(content),
                typeof content.erased === 'object' && content.erased !== null
                  ? `kept ${content.erased.kept}`
                  : content.erased === null
                    ? 'empty'
                    : `the word \`${content.erased}\``,
              ],
            ],
      ),
    ),
  otherColumns: () =>
    table(
      ['columns', 'what they hold'],
      (Object.keys(NOT_PERSONAL) as NotPersonal[]).map((kind) => [
        String(REGISTRY.filter(({ content }) => content === kind).length),
        NOT_PERSONAL[kind],
      ]),
    ),
};

const MARKED = /<!-- generated: (\w+) -->\n[\s\S]*?<!-- end of generated part -->/g;

/** The text of a page with its generated parts as the code has them now. @throws Error for a part that nothing makes */
export const withGeneratedParts = (text: string): string =>
  text.replace(MARKED, (_all, name: string) => {
    const make = PARTS[name];
    if (make === undefined) throw new Error(`There is no generated part '${name}'.`);
    return `<!-- generated: ${name} -->\n${make()}\n<!-- end of generated part -->`;
  });
