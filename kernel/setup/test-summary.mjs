/**
 * Counts what `npm test` ran. Every other check (types, style) counts as one test. A test file that does not load,
 * and a run that ends with an error although no test failed, count as one failure each.
 *
 * @param {any} results the output of vitest's JSON reporter, or null
 * @param {number} exitCode vitest's exit code
 * @param {boolean[]} checks whether each of the other checks passed
 */
export function countTests(results, exitCode, checks) {
  const passedChecks = checks.filter(Boolean).length;
  const failedChecks = checks.length - passedChecks;
  const passed = (results?.numPassedTests ?? 0) + passedChecks;
  const skipped = (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0);
  const unloadedFiles = (results?.testResults ?? []).filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  let failed = (results?.numFailedTests ?? 0) + unloadedFiles + failedChecks;
  if (exitCode !== 0 && failed === failedChecks) failed += 1;
  return { passed, failed, skipped };
}

/** The last line that `npm test` prints. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
