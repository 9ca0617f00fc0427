// Gives the texts that a call sends: its expressions, evaluated in the scope of its module.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';

/** Evaluates an expression in the scope of a module. */
type Evaluate = (expression: string) => unknown;

/** Programs run when they are loaded: of these only the constants are. */
const PROGRAM = /^src\/cli\/[^/]+\.ts$|(^|\/)(thread|\w+Thread|main)\.ts$/;
const CONSTANTS = /^const \w+ =\s(`[^`]*`|'[^'\n]*'|"[^"\n]*");$/gm;
/** Names that a module imports; types are undefined at run time, which does no harm. */
const IMPORTS = /^import \{([^}]*)\} from/gm;

function importedNames(source: string): string[] {
  return [...source.matchAll(IMPORTS)]
    .flatMap(([, names]) => names!.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.split(' as ').at(-1)!);
}

/** Loads modules a second time, each with access to its own constants; what they import is loaded as usual. */
export class ModuleScopes {
  private readonly scopes = new Map<string, Evaluate>();

  constructor(
    private readonly root: string,
    private readonly load: (path: string) => unknown,
  ) {}

  /** The texts of an expression; `...` before one that gives a list. @throws what the expression throws */
  texts(file: string, expression: string): string[] {
    const isList = expression.startsWith('...');
    const value = this.scopeOf(file)(`(${isList ? expression.slice(3) : expression})`);
    const texts = isList ? [...(value as Iterable<unknown>)] : [value];
    for (const text of texts) if (typeof text !== 'string') throw new TypeError(`${expression} is no text`);
    return texts as string[];
  }

  private scopeOf(file: string): Evaluate {
    let scope = this.scopes.get(file);
    if (scope === undefined) {
      scope = this.loadScope(join(this.root, file), PROGRAM.test(file));
      this.scopes.set(file, scope);
    }
    return scope;
  }

  private loadScope(path: string, isProgram: boolean): Evaluate {
    const source = readFileSync(path, 'utf8');
    const names = isProgram ? [] : importedNames(source);
    const body = isProgram ? [...source.matchAll(CONSTANTS)].map(([line]) => line).join('\n') : source;
    const { code } = transformSync(
      `${body}
      export const importedHere = (): object => ({ ${names.join(', ')} });
      export const evaluateHere = (text: string): unknown => eval(text);`,
      {
        filename: path,
        swcrc: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
      },
    );
    const module = { exports: {} as { evaluateHere: Evaluate; importedHere(): object } };
    new Function('exports', 'require', 'module', '__filename', '__dirname', code)(
      module.exports,
      (id: string) => this.load(id.startsWith('.') ? join(dirname(path), id) : id),
      module,
      path,
      dirname(path),
    );
    const { evaluateHere } = module.exports;
    // Imported names are renamed by the compiler, so an expression gets those it mentions from a list.
    return (text) => {
      const mentioned = names.filter((name) => new RegExp(`\\b${name}\\b`).test(text));
      if (mentioned.length === 0) return evaluateHere(text);
      return evaluateHere(`const { ${mentioned.join(', ')} } = exports.importedHere(); ${text}`);
    };
  }
}
