import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { formatDuration } from "./display/duration.mjs";
import { readJson, temporaryName } from "./setup/files.mjs";
import { log } from "./setup/log.mjs";
import { paths } from "./setup/paths.mjs";
import { runProgram } from "./setup/run-command.mjs";
import { setUp } from "./setup/setup.mjs";
import { runInForeground } from "./setup/shell.mjs";
import { countTests, summaryLine } from "./setup/test-summary.mjs";

/** `npm test`: set-up, type checks, style and tests. */
const TEST = {
  name: "npm test --",
  about: "Sets up what is missing, checks types and style, and runs the tests.",
  options: {},
  passedTo: "vitest",
  passed: ["bail", "coverage", "reporter", "retry", "testNamePattern", "testTimeout", "ui", "watch"],
  notes: 'All other options are passed to vitest: see "npx vitest --help".',
};

const nodeModule = (...parts) => path.join(paths.nodeModules, ...parts);

/** Runs a check in the foreground and logs whether it passed. */
async function check(name, script, args) {
  const started = performance.now();
  const passed = (await runInForeground(process.execPath, [script, ...args], { cwd: paths.root })) === 0;
  log(`${name}: ${passed ? "passed" : "FAILED"} (${formatDuration(performance.now() - started)})`);
  return passed;
}

await runProgram(TEST, async (_, argv) => {
  await setUp();
  const tsc = nodeModule("typescript", "bin", "tsc");
  const biome = nodeModule("@biomejs", "biome", "bin", "biome");
  const checks = [
    await check("Types", tsc, ["-p", "."]),
    await check("Types of the set-up", tsc, ["-p", "kernel/setup"]),
    await check("Types of the pages", tsc, ["-p", "kernel/page"]),
    await check("Style", biome, ["check", "--error-on-warnings", "."]),
  ];
  const results = temporaryName(path.join(paths.cache, "vitest.json"));
  mkdirSync(paths.cache, { recursive: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const vitest = [nodeModule("vitest", "vitest.mjs"), "run", ...reporters, ...argv];
  const exitCode = await runInForeground(process.execPath, vitest, { cwd: paths.root });
  const summary = countTests(readJson(results), exitCode, checks);
  rmSync(results, { force: true });
  log(summaryLine(summary));
  return summary.failed > 0 ? 1 : 0;
});
