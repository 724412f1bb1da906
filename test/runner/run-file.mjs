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

let filesRun = 0;

/**
 * Jest's `testRunner`: runs one spec file with jest-circus in the worker itself, where Jest's own would give it a context of
 * its own and load every module in it again.
 */
// oxlint-disable-next-line import/no-default-export -- Jest asks for one.
export default async function runFile(globalConfig, config, _environment, _runtime, path, send) {
  resetState();
  const state = getState();
  state.testTimeout = globalConfig.testTimeout ?? state.testTimeout;
  if (globalConfig.testNamePattern)
    state.testNamePattern = new RegExp(globalConfig.testNamePattern, 'i');
  Object.assign(globalThis, circus, { expect });
  expect.setState({ testPath: path, expand: globalConfig.expand });

  const onEvent = reportEvents(path, send);
  const stopCatching = catchStrayErrors(state);
  addEventHandler(onEvent);
  try {
    // A process that runs a file again, as `--watch` does, must not get the module that it has.
    await import(`${pathToFileURL(path).href}?run=${++filesRun}`);
    return toTestResult(await run(), path, config, globalConfig);
  } finally {
    removeEventHandler(onEvent);
    stopCatching();
  }
}

function reportEvents(path, send) {
  return (event) => {
    if (event.name === 'test_start')
      expect.setState({ currentTestName: namesOf(event.test).join(' ') });
  };
}

function namesOf(test) {
  const names = [];
  for (let at = test; at.parent; at = at.parent) names.unshift(at.name);
  return names;
}

/** What is thrown where no test can catch it fails the test that runs, or else the file. */
function catchStrayErrors(state) {
  const events = ['uncaughtException', 'unhandledRejection'];
  const fail = (error) => (state.currentlyRunningTest?.errors ?? state.unhandledErrors).push(error);
  const before = events.map((event) => process.rawListeners(event));
  for (const event of events) process.removeAllListeners(event).on(event, fail);
  return () => {
    for (const [i, event] of events.entries()) {
      process.removeAllListeners(event);
      for (const listener of before[i]) process.on(event, listener);
    }
  };
}

function toTestResult({ testResults, unhandledErrors }, path, config, globalConfig) {
  const assertions = testResults.map(toAssertion);
  const count = (status) => assertions.filter((assertion) => assertion.status === status).length;
  const messages = [formatResultsErrors(assertions, config, globalConfig, path)];
  const result = {
    ...createEmptyTestResult(),
    displayName: config.displayName,
    numFailingTests: count('failed'),
    numPassingTests: count('passed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    testFilePath: path,
    testResults: assertions,
  };
  if (unhandledErrors.length > 0) {
    result.testExecError = { message: '', stack: unhandledErrors.join('\n') };
    messages.push(
      ...unhandledErrors.map((error) => formatExecError(error, config, globalConfig, path)),
    );
  }
  return { ...result, failureMessage: messages.filter(Boolean).join('\n\n') || null };
}

function toAssertion({ testPath, status, errors, errorsDetailed, duration, ...rest }) {
  const [, ...titles] = testPath;
  const failed = errors.length > 0 ? 'failed' : 'passed';
  return {
    ancestorTitles: titles.slice(0, -1),
    title: titles.at(-1),
    fullName: titles.join(' '),
    status: status === 'skip' ? 'pending' : status === 'todo' ? 'todo' : failed,
    duration,
    failureMessages: errors,
    failureDetails: errorsDetailed,
    invocations: rest.invocations,
    numPassingAsserts: rest.numPassingAsserts,
    location: rest.location,
    retryReasons: rest.retryReasons,
    startAt: rest.startedAt,
  };
}
