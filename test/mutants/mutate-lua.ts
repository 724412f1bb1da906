/** One change to a text of Lua. */
export interface Mutation {
  /** From 0. */
  readonly line: number;
  readonly kind: 'drop' | 'negate' | 'swap' | 'off by one' | 'constant';
  readonly before: string;
  readonly after: string;
  /** The whole text, changed. */
  readonly text: string;
}

/** Operators and functions, and what takes their place. */
const OTHERS: Record<string, [kind: Mutation['kind'], other: string]> = {
  '<': ['off by one', '<='],
  '<=': ['off by one', '<'],
  '>': ['off by one', '>='],
  '>=': ['off by one', '>'],
  '==': ['negate', '~='],
  '~=': ['negate', '=='],
  and: ['negate', 'or'],
  or: ['negate', 'and'],
  'math.min': ['constant', 'math.max'],
  'math.max': ['constant', 'math.min'],
  'math.floor': ['constant', 'math.ceil'],
  'math.ceil': ['constant', 'math.floor'],
};
const TOKEN = /'[^']*'|[A-Za-z_][\w.]*|\d+|<=|>=|==|~=|<|>|--.*/g;

/** Every mutation of a text of Lua as this library writes it: a statement for each line, some over several. */
export function mutationsOf(text: string): Mutation[] {
  const lines = text.split('\n');
  const isCode = codeLines(lines);
  const mutations: Mutation[] = [];
  const add = (line: number, count: number, kind: Mutation['kind'], after: string[]) => {
    const before = lines.slice(line, line + count);
    const changed = [...lines.slice(0, line), ...after, ...lines.slice(line + count)];
    const shown = (some: readonly string[]) => some.map((each) => each.trim()).join(' ⏎ ');
    mutations.push({
      line,
      kind,
      before: shown(before),
      after: shown(after),
      text: changed.join('\n'),
    });
  };
  lines.forEach((line, at) => {
    if (!isCode[at]) return;
    const next = lines[at + 1] ?? '';
    if (isStatement(line)) add(at, 1, 'drop', ['']);
    if (isStatement(line) && isCode[at + 1] && isStatement(next) && indent(line) === indent(next)) {
      add(at, 2, 'swap', [next, line]);
    }
    const [, head, condition, tail] = /^(.*?\b(?:else)?if )(.+?)( then\b.*)$/.exec(line) ?? [];
    if (condition) add(at, 1, 'negate', [`${head}not (${condition})${tail}`]);
    for (const [kind, changed] of tokenMutations(line)) add(at, 1, kind, [changed]);
  });
  return mutations;
}

/** Neither the header nor a comment. */
function codeLines(lines: readonly string[]): boolean[] {
  let isHeader = false;
  return lines.map((line) => {
    isHeader ||= line.includes('--[[');
    const isCode = !isHeader && !/^\s*(--|#!|$)/.test(line);
    if (line.includes(']]') && isHeader) isHeader = false;
    return isCode;
  });
}

/** A whole statement on one line whose absence leaves Lua that can be read, and that declares nothing. */
function isStatement(line: string): boolean {
  const text = line.trim();
  if (!isBalanced(text)) return false;
  if (/^(if|for)\b.*\bend$/.test(text)) return true;
  return /^(redis\.p?call|remember|pcall|table\.sort)\(.*\)$|^[\w.[\]#, +]+ = [^=]/.test(text);
}

function isBalanced(text: string): boolean {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const blocks = count(/\b(then|do|function)\b/g) - count(/\belseif\b/g);
  return count(/[({]/g) === count(/[)}]/g) && blocks === count(/\bend\b/g) && !text.endsWith(',');
}

function indent(line: string): number {
  return line.length - line.trimStart().length;
}

function tokenMutations(line: string): [kind: Mutation['kind'], changed: string][] {
  return [...line.matchAll(TOKEN)].flatMap(({ 0: token, index }) => {
    const put = (kind: Mutation['kind'], other: string): [Mutation['kind'], string] => [
      kind,
      line.slice(0, index) + other + line.slice(index + token.length),
    ];
    if (/^\d+$/.test(token)) return [put('off by one', String(Number(token) + 1))];
    if (token.startsWith("'"))
      return [put('constant', token === "''" ? "'x'" : `'x${token.slice(1)}`)];
    const other = OTHERS[token];
    return other ? [put(...other)] : [];
  });
}
