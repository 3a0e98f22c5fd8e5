// Prints one line a test file, and what failed in full; leaves the counts in the file that KEYRACK_TEST_RESULT names.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export default class Reporter {
  #root;
  constructor(config) { this.#root = config.rootDir; }

  onTestFileResult(test, result) {
    const file = relative(this.#root, test.path);
    const seconds = `${((result.perfStats.end - result.perfStats.start) / 1_000).toFixed(1)} s`;
    const broken = result.testExecError !== undefined || result.numFailingTests > 0;
    const counts = [`${result.numPassingTests} passed`, ...(result.numFailingTests > 0 ? [`${result.numFailingTests} failed`] : []),
      ...(result.numPendingTests > 0 ? [`${result.numPendingTests} skipped`] : [])].join(', ');
    process.stderr.write(`${broken ? 'FAIL' : 'ok  '} ${file}  ${counts}  ${seconds}\n`);
    if (broken && result.failureMessage) process.stderr.write(`${process.stderr.isTTY ? result.failureMessage.trimEnd() : stripVTControlCharacters(result.failureMessage.trimEnd())}\n\n`);
  }
  onRunComplete(_contexts, result) {
    const file = process.env.KEYRACK_TEST_RESULT;
    if (!file) return;
    writeFileSync(file, JSON.stringify({
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
      skipped: result.numPendingTests + result.numTodoTests,
    }));
  }
}
