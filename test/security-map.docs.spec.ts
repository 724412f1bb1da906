import ts from 'typescript';
import { readText } from './support/documentation.js';

/** Of OWASP ASVS 5.0: chapter 7, and section 3.3. */
const REQUIREMENTS = Object.entries({
  '7.1': 3,
  '7.2': 4,
  '7.3': 2,
  '7.4': 5,
  '7.5': 3,
  '7.6': 2,
  '3.3': 5,
}).flatMap(([section, count]) => Array.from({ length: count }, (_, i) => `${section}.${i + 1}`));

const rows = readText('SECURITY.md')
  .split('\n')
  .flatMap((line) => {
    const [, id, heldBy] = /^\| (\d\.\d\.\d)\s+\|.*\| (.*?)\s*\|$/.exec(line) ?? [];
    return id && heldBy ? [{ id, heldBy }] : [];
  });

const tests = rows.flatMap(({ id, heldBy }) => namedTests(heldBy).map((test) => ({ id, ...test })));

/** `file`: “name”, “name”; and so on, among other words. */
function namedTests(text: string): { file: string; name: string }[] {
  return [...text.matchAll(/`([^`]+\.ts)`: (“[^”]+”(?:, “[^”]+”)*)/g)].flatMap(([, file, names]) =>
    [...names!.matchAll(/“([^”]+)”/g)].map(([, name]) => ({ file: file!, name: name! })),
  );
}

/** The names of the tests in a file; of a contract, which its caller runs, they are properties `name`. */
function titlesIn(file: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    const title =
      ts.isCallExpression(node) && isTest(node.expression) ? node.arguments[0] : nameIn(node);
    if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readText(file), ts.ScriptTarget.Latest));
  return titles;
}

/** `it(…)`, and `it.each(…)(…)`; what is skipped or planned is no test. */
function isTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'it';
  if (!ts.isCallExpression(callee) || !ts.isPropertyAccessExpression(callee.expression))
    return false;
  const { expression, name } = callee.expression;
  return name.text === 'each' && isTest(expression);
}

function nameIn(node: ts.Node): ts.Expression | undefined {
  if (!ts.isPropertyAssignment(node) || !ts.isIdentifier(node.name)) return undefined;
  return node.name.text === 'name' ? node.initializer : undefined;
}

/** `%s` and `$name` in a title stand for something, but a title of nothing else would stand for any. */
function isTitleOf(name: string, title: string): boolean {
  const PLACEHOLDER = /%[a-z#%]|\$[\w.]+/;
  const words = title.split(PLACEHOLDER);
  if (words.join('').trim() === '') return false;
  const escaped = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return title === name || new RegExp(`^${escaped.join('.+')}$`).test(name);
}

describe('The table of SECURITY.md', () => {
  it('has every requirement once', () => {
    expect(rows.map(({ id }) => id)).toEqual(REQUIREMENTS);
  });

  it.each(rows)(
    'says of $id which tests hold it, or that it is the application’s',
    ({ heldBy }) => {
      expect(heldBy).toMatch(/`: “|^The application's/);
    },
  );

  it.each(tests)('names a test for $id that exists: $name', ({ file, name }) => {
    expect(titlesIn(file).filter((title) => isTitleOf(name, title))).toHaveLength(1);
  });

  it('would notice a test that is not there', () => {
    const titles = titlesIn('libs/session/src/session.settings.unit.spec.ts');
    expect(titles.filter((title) => isTitleOf('refuse a right name', title))).toEqual([]);
  });
});
