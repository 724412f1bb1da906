import { pathToFileURL } from 'node:url';
import { jestExpect as expect } from '@jest/expect';
import { createEmptyTestResult } from '@jest/test-result';
import circus, {
  addEventHandler,
  getState,
  removeEventHandler,
  resetState,
  run,
} from 'jest-circus';
import { formatExecError, formatResultsErrors } from 'jest-message-util';

const STRAY_ERRORS = ['uncaughtException', 'unhandledRejection'];
let filesRun = 0;

/**
 * Jest's `testRunner`: runs a spec file with jest-circus in the worker itself. Jest's own gives each file a context in which
 * every module is loaded again: measured, 3.4 s for each file, and 3.7 GB that were never released.
 */
// oxlint-disable-next-line import/no-default-export -- Jest asks for one.
export default async function runFile(globalConfig, config, _environment, _runtime, path) {
  resetState();
  const state = getState();
  state.testTimeout = globalConfig.testTimeout ?? state.testTimeout;
  if (globalConfig.testNamePattern) {
    state.testNamePattern = new RegExp(globalConfig.testNamePattern, 'i');
  }
  Object.assign(globalThis, circus, { expect });
  expect.setState({ testPath: path, expand: globalConfig.expand });

  const letCatch = catchStrayErrors(state);
  addEventHandler(nameTest);
  try {
    // Watch mode runs a file again in the same process, and an imported module is cached by its URL.
    filesRun += 1;
    await import(`${pathToFileURL(path).href}?run=${filesRun}`);
    return toTestResult(await run(), path, config, globalConfig);
  } finally {
    removeEventHandler(nameTest);
    letCatch();
  }
}

/** Matchers print the name of the test in some of their messages. */
function nameTest({ name, test }) {
  if (name !== 'test_start') return;
  const names = [];
  for (let block = test; block.parent; block = block.parent) names.unshift(block.name);
  expect.setState({ currentTestName: names.join(' ') });
}

/** An error that no test can catch fails the test that is running, or else the file. */
function catchStrayErrors(state) {
  const fail = (error) => (state.currentlyRunningTest?.errors ?? state.unhandledErrors).push(error);
  const before = STRAY_ERRORS.map((event) => process.rawListeners(event));
  for (const event of STRAY_ERRORS) process.removeAllListeners(event).on(event, fail);
  return () => {
    for (const [i, event] of STRAY_ERRORS.entries()) {
      process.removeAllListeners(event);
      for (const listener of before[i]) process.on(event, listener);
    }
  };
}

function toTestResult({ testResults, unhandledErrors }, path, config, globalConfig) {
  const assertions = testResults.map(toAssertion);
  const count = (status) => assertions.filter((assertion) => assertion.status === status).length;
  const messages = [
    formatResultsErrors(assertions, config, globalConfig, path),
    ...unhandledErrors.map((error) => formatExecError(error, config, globalConfig, path)),
  ].filter(Boolean);
  return {
    ...createEmptyTestResult(),
    displayName: config.displayName,
    testFilePath: path,
    testResults: assertions,
    numFailingTests: count('failed'),
    numPassingTests: count('passed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    failureMessage: messages.length > 0 ? messages.join('\n\n') : null,
    ...(unhandledErrors.length > 0 && {
      testExecError: { message: '', stack: unhandledErrors.join('\n') },
    }),
  };
}

function toAssertion({ testPath, errors, errorsDetailed, status, startedAt, ...rest }) {
  const [, ...titles] = testPath;
  const done = errors.length > 0 ? 'failed' : 'passed';
  return {
    ...rest,
    ancestorTitles: titles.slice(0, -1),
    title: titles.at(-1),
    fullName: titles.join(' '),
    status: { skip: 'pending', todo: 'todo' }[status] ?? done,
    failureMessages: errors,
    failureDetails: errorsDetailed,
    startAt: startedAt,
  };
}
