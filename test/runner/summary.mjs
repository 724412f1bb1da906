import { relative } from 'node:path';

const SLOWEST = 10;

/** What a run ends with: its slowest files, what was skipped and why, and the counts, alone on a line for programs. */
// oxlint-disable-next-line import/no-default-export -- Jest asks for one.
export default class Summary {
  #rootDir;

  constructor({ rootDir }) {
    this.#rootDir = rootDir;
  }

  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
    for (const line of this.#slowest(results)) console.log(line);
    // A name on the command line skips all others, which is no news.
    const isFiltered = process.argv.some((argument) => /^(-t|--testNamePattern)/.test(argument));
    for (const line of isFiltered ? [] : skipped(results)) console.log(line);
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
  }

  #slowest({ testResults }) {
    const files = testResults
      .map(({ testFilePath, perfStats }) => ({ file: testFilePath, ms: perfStats.runtime }))
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, SLOWEST);
    if (files.length < 2) return [];
    return [
      `\nThe slowest of ${testResults.length} files, in seconds:`,
      ...files.map(({ file, ms }) => {
        const seconds = (ms / 1000).toFixed(1).padStart(7);
        return `${seconds}  ${relative(this.#rootDir, file)}`;
      }),
    ];
  }
}

/** The reason is part of the name of each skipped group. */
function skipped({ testResults }) {
  const counts = new Map();
  for (const { status, ancestorTitles, title } of testResults.flatMap((file) => file.testResults)) {
    if (status !== 'pending') continue;
    const group = ancestorTitles.join(' › ') || title;
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts].map(([group, tests]) => `skipped ${tests}: ${group}`);
}
