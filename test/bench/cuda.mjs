import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { helpText } from "../../kernel/setup/command-line.mjs";
import { log } from "../../kernel/setup/log.mjs";
import { callerFolder, paths } from "../../kernel/setup/paths.mjs";
import { runCommand } from "../../kernel/setup/run-command.mjs";
import { runInForeground } from "../../kernel/setup/shell.mjs";
import { CUDA_BENCH, readArguments } from "./arguments.mjs";
import { requireGpu } from "./gpu.mjs";

/** `npm run bench:cuda`: set-up, tests and bench on an NVIDIA GPU. */
await runCommand(async (argv) => {
  const context = {
    from: callerFolder,
    cores: availableParallelism(),
    command: CUDA_BENCH,
    env: process.env,
  };
  if (readArguments(argv, context).help) {
    process.stdout.write(helpText(CUDA_BENCH));
    return 0;
  }
  const { name, driver, memory } = requireGpu();
  log(`${name}, ${memory}, driver ${driver}`);
  const env = { ...process.env, ALLROADS_DEVICE: "cuda" };
  const json = path.join(paths.reports, "bench-cuda.json");
  const bench = fileURLToPath(new URL("bench.mjs", import.meta.url));
  const runNode = (script, ...args) =>
    runInForeground(process.execPath, [script, ...args], { cwd: paths.root, env });
  const testStatus = await runNode(path.join(paths.root, "kernel", "test.mjs"));
  const benchStatus = await runNode(bench, "--json", json, ...argv);
  return testStatus || benchStatus;
});
