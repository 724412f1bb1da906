import { filesBelow, readText, section } from '../support/documentation.js';

const ALL = Array.from({ length: 41 }, (_, i) => `F${String(i + 1).padStart(2, '0')}`);

/** The scenarios of each file, by the titles of its tests. */
const scenarios = filesBelow('test', '.spec.ts').flatMap((file) =>
  [...new Set(readText(file).match(/(?<=')F\d\d(?= )/g))].map((fault) => ({ fault, file })),
);

const rows = section('docs/reliability.md', '## The faults')
  .split('\n')
  .flatMap((line) => {
    const [, fault, heldBy] = /^\| (F\d\d)\s.*\| (.*?)\s*\|$/.exec(line) ?? [];
    return fault && heldBy ? [{ fault, heldBy }] : [];
  });

/** The files that a row names, and the title of a test where the test has a name of its own. */
function namedIn(heldBy: string): { file: string; title: string | undefined }[] {
  const named = heldBy.matchAll(/`([\w.-]+\.spec\.ts|test\/[\w./-]+\.spec\.ts)`(?:: “([^”]+)”)?/g);
  return [...named].map(([, file, title]) => ({
    file: file!.startsWith('test/') ? file! : `test/faults/${file}`,
    title,
  }));
}

describe('The table of faults in docs/reliability.md', () => {
  it('has every fault once', () => {
    expect(rows.map(({ fault }) => fault)).toEqual(ALL);
  });

  it.each(rows)('says where $fault is tried, and it is tried there', ({ fault, heldBy }) => {
    const named = namedIn(heldBy);
    const byTitle = named.filter(({ title }) => title !== undefined);
    const byId = named.filter(({ title }) => title === undefined).map(({ file }) => file);
    const tried = scenarios.filter((scenario) => scenario.fault === fault);
    expect(named.length).toBeGreaterThan(0);
    expect(byId.toSorted()).toEqual(tried.map(({ file }) => file).toSorted());
    for (const { file, title } of byTitle) expect(readText(file)).toContain(`'${title}'`);
  });
});
