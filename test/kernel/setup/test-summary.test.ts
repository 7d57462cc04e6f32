import { expect, test } from "vitest";
import { countTests, summaryLine } from "../../../kernel/setup/test-summary.mjs";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

test("counts tests and checks", () => {
  const results = { numPassedTests: 5, numFailedTests: 0, testResults: [file("passed", "passed")] };
  expect(summaryLine(countTests(results, 0, [true, true]))).toBe("7 passed, 0 failed");
  expect(summaryLine(countTests(results, 0, [true, false]))).toBe("6 passed, 1 failed");
});

test("a file that does not load, a crash and missing results count as failures", () => {
  const results = {
    numPassedTests: 1,
    numFailedTests: 0,
    testResults: [file("failed"), file("failed"), file("passed", "passed")],
  };
  expect(countTests(results, 1, [])).toEqual({ passed: 1, failed: 2, skipped: 0 });
  expect(countTests(null, 1, [true])).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(countTests({ numPassedTests: 3, numFailedTests: 0, testResults: [] }, 139, [])).toMatchObject({
    failed: 1,
  });
});

test("a failed test counts once, and skipped tests are shown", () => {
  const results = {
    numPassedTests: 1,
    numFailedTests: 1,
    numPendingTests: 2,
    testResults: [file("failed", "failed")],
  };
  expect(summaryLine(countTests(results, 1, [true]))).toBe("2 passed, 1 failed, 2 skipped");
});
