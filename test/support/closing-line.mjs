/**
 * Says which tests were skipped, and with them why: the reason stands in their name. Then prints the counts once more,
 * alone on a line, for whoever reads the output with a program.
 */
// oxlint-disable-next-line import/no-default-export -- Jest asks for one.
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
    // A name on the command line skips all others, which is no news.
    const isFiltered = process.argv.some((argument) => /^(-t|--testNamePattern)/.test(argument));
    for (const name of isFiltered ? [] : skippedGroups(results)) console.log(`skipped: ${name}`);
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
  }
}

function skippedGroups({ testResults }) {
  const skipped = testResults
    .flatMap((file) => file.testResults)
    .filter(({ status }) => status === 'pending');
  return new Set(skipped.map(({ ancestorTitles, title }) => ancestorTitles.join(' › ') || title));
}
