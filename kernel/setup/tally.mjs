/**
 * How many tests passed, failed and were skipped, with each of the other checks counted as one. A run that
 * ended badly without a failed test (a file that does not load, a crash) counts as a failure.
 *
 * @param {any} results what vitest's JSON reporter wrote, or null
 * @param {number} code vitest's exit code
 * @param {boolean[]} checks
 */
export function countTests(results, code, checks) {
  const good = checks.filter(Boolean).length;
  const passed = (results?.numPassedTests ?? 0) + good;
  const skipped = (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0);
  const broken = (results?.testResults ?? []).filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  let failed = (results?.numFailedTests ?? 0) + broken + checks.length - good;
  if (code !== 0 && failed === checks.length - good) failed += 1;
  return { passed, failed, skipped };
}

/** The line that ends `npm test`. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
