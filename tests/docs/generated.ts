// The parts of pages that are made from the code: the table of settings and the table of jobs.

import { TIMETABLE } from '../../jobs/timetable';
import { SETTINGS } from '../../src/config/settings';

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
};

const MARKED = /<!-- generated: (\w+) -->\n[\s\S]*?<!-- end of generated part -->/g;

/** The text of a page with its generated parts as the code has them now. @throws Error for a part that nothing makes */
export const withGeneratedParts = (text: string): string =>
  text.replace(MARKED, (_all, name: string) => {
    const make = PARTS[name];
    if (make === undefined) throw new Error(`There is no generated part '${name}'.`);
    return `<!-- generated: ${name} -->\n${make()}\n<!-- end of generated part -->`;
  });
