// The documentation pages (*.md) of the repository, and what can be read out of them: code blocks, links, inline code.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../..');
/** Folders with files that are not ours or that a program writes. */
const NOT_OURS = ['node_modules', '.git', '.comptoir', 'generated'];

/** A fenced code block: the words after its opening fence, its text, and the line of the fence. */
export interface Block {
  page: string;
  line: number;
  language: string;
  /** `demo-planner` of ```` ```graphql token=demo-planner ````; null: the example is validated only. */
  token: string | null;
  text: string;
}

export interface Page {
  path: string;
  text: string;
  /** The text without code blocks. */
  prose: string;
  blocks: Block[];
}

/** Paths of all files below a folder of the repository, with `/` between. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.includes(entry.name)) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const FENCE = /^```(.*)\n([\s\S]*?)^```$/gm;

function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n');
  const blocks = [...text.matchAll(FENCE)].map((match) => {
    const [language = '', ...words] = match[1]!.trim().split(/\s+/);
    const token = words.find((word) => word.startsWith('token='))?.slice('token='.length) ?? null;
    const line = text.slice(0, match.index).split('\n').length;
    return { page: path, line, language, token, text: match[2]! };
  });
  return { path, text, prose: text.replace(FENCE, ''), blocks };
}

export const readPages = (): Page[] =>
  filesBelow('')
    .filter((path) => path.endsWith('.md'))
    .map(readPage);

/** Blocks of one language on all pages, each with a name for a test. */
export const blocksOf = (pages: readonly Page[], language: string): [string, Block][] =>
  pages
    .flatMap(({ blocks }) => blocks)
    .filter((block) => block.language === language)
    .map((block) => [`${block.page}:${block.line}`, block]);

/** The texts between single backticks. */
export const inlineCode = ({ prose }: Page): string[] =>
  [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);

/** The fragment that GitHub gives a heading. */
export const anchorsOf = ({ prose }: Page): string[] =>
  [...prose.matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
