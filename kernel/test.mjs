import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { command } from "./setup/command.mjs";
import { jsonOf } from "./setup/files.mjs";
import { paths } from "./setup/paths.mjs";
import { duration, say } from "./setup/say.mjs";
import { setUp } from "./setup/setup.mjs";
import { inForeground } from "./setup/shell.mjs";
import { closingLine, countTests } from "./setup/tally.mjs";

const bin = (...parts) => path.join(paths.nodeModules, ...parts);

async function check(what, script, args) {
  const started = performance.now();
  const passed = (await inForeground(process.execPath, [script, ...args], { cwd: paths.root })) === 0;
  say(`${what}: ${passed ? "passed" : "FAILED"} (${duration(performance.now() - started)})`);
  return passed;
}

/** `npm test`: set-up, types, style and tests; what follows `--` goes to vitest. */
await command(async (argv) => {
  await setUp();
  const checks = [
    await check("Types", bin("typescript", "bin", "tsc"), ["-p", "."]),
    await check("Types of the set-up", bin("typescript", "bin", "tsc"), ["-p", "kernel/setup"]),
    await check("Types of the pages", bin("typescript", "bin", "tsc"), ["-p", "kernel/page"]),
    await check("Style", bin("@biomejs", "biome", "bin", "biome"), ["check", "--error-on-warnings", "."]),
  ];
  const results = path.join(paths.cache, `vitest.${process.pid}.json`);
  mkdirSync(paths.cache, { recursive: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const code = await inForeground(
    process.execPath,
    [bin("vitest", "vitest.mjs"), "run", ...reporters, ...argv],
    {
      cwd: paths.root,
    },
  );
  const tally = countTests(jsonOf(results), code, checks);
  rmSync(results, { force: true });
  say(closingLine(tally));
  return tally.failed > 0 ? 1 : 0;
});
