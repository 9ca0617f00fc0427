// Splits TypeScript into comments, texts (string and template literals) and identifiers, without a parser.

export interface SourceToken {
  kind: 'comment' | 'text' | 'identifier';
  line: number;
  text: string;
}

const WORD = /[A-Za-z_$][\w$]*/y;
/** A slash after one of these begins a regular expression, after anything else it divides. */
const BEFORE_REGEXP = /(^|[(,=:[!&|?{};+\-*%<>~^]|\b(return|typeof|case|in|of))$/;
const REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/y;
const QUOTED = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
/** A piece of a template, from ` or } to the next ${ or the end. */
const TEMPLATE = /[`}]((?:\\[\s\S]|\$(?!\{)|[^`\\$])*)(\$\{|`)/y;

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

/** The tokens of a source. A template with values between is one text, with … for each value. */
export function tokensOf(source: string): SourceToken[] {
  const tokens: SourceToken[] = [];
  /** Templates around the present position: their token, and the depth of braces within the value. */
  const templates: { token: SourceToken; depth: number }[] = [];
  let line = 1;
  let before = '';
  for (let at = 0; at < source.length; ) {
    const character = source[at]!;
    const inner = templates.at(-1);
    const isTemplate = character === '`' || (character === '}' && inner?.depth === 0);
    const found =
      match(COMMENT, source, at) ??
      match(QUOTED, source, at) ??
      (isTemplate ? match(TEMPLATE, source, at) : null) ??
      (character === '/' && BEFORE_REGEXP.test(before) ? match(REGEXP, source, at) : null) ??
      match(WORD, source, at);
    const piece = found?.[0] ?? character;
    if (isTemplate && found !== null) {
      const token = character === '`' ? { kind: 'text' as const, line, text: '' } : templates.pop()!.token;
      if (character === '`') tokens.push(token);
      token.text += found[1]! + (found[2] === '`' ? '' : '…');
      if (found[2] !== '`') templates.push({ token, depth: 0 });
    } else if (/^\/[/*]/.test(piece)) tokens.push({ kind: 'comment', line, text: piece });
    else if (/^['"]./.test(piece)) tokens.push({ kind: 'text', line, text: piece.slice(1, -1) });
    else if (/^[A-Za-z_$]/.test(piece)) tokens.push({ kind: 'identifier', line, text: piece });
    else if (inner !== undefined && piece === '{') inner.depth += 1;
    else if (inner !== undefined && piece === '}') inner.depth -= 1;
    if (!/^(\s|\/[/*])/.test(piece)) before = isTemplate && piece.endsWith('${') ? '(' : piece;
    line += piece.split('\n').length - 1;
    at += piece.length;
  }
  return tokens;
}
