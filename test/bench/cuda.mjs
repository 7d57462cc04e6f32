import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { command } from "../../kernel/setup/command.mjs";
import { calledFrom, paths } from "../../kernel/setup/paths.mjs";
import { say } from "../../kernel/setup/say.mjs";
import { inForeground } from "../../kernel/setup/shell.mjs";
import { helpText, readArguments } from "./arguments.mjs";
import { requireCard } from "./card.mjs";

/**
 * `npm run bench:cuda`: everything on an NVIDIA card. Sets up the CUDA branch, runs the tests and then the bench,
 * whose options follow `--`; all numbers go to reports/bench-cuda.json unless `--json` names another file.
 */
await command(async (argv) => {
  const { help } = readArguments(argv, { from: calledFrom, cores: availableParallelism(), env: process.env });
  if (help) {
    process.stdout.write(helpText());
    return 0;
  }
  const { name, driver, memory } = requireCard();
  say(`${name}, ${memory}, driver ${driver}`);
  const env = { ...process.env, ALLROADS_DEVICE: "cuda" };
  const json = path.join(paths.reports, "bench-cuda.json");
  const bench = fileURLToPath(new URL("bench.mjs", import.meta.url));
  const node = (script, ...args) =>
    inForeground(process.execPath, [script, ...args], { cwd: paths.root, env });
  const tests = await node(path.join(paths.root, "kernel", "test.mjs"));
  const measured = await node(bench, "--json", json, ...argv);
  return tests || measured;
});
