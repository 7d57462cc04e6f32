import { availableParallelism } from "node:os";
import { helpText, usageError } from "../../kernel/setup/command-line.mjs";
import { writeAtomically } from "../../kernel/setup/files.mjs";
import { log } from "../../kernel/setup/log.mjs";
import { nearest } from "../../kernel/setup/nearest.mjs";
import { callerFolder } from "../../kernel/setup/paths.mjs";
import { runCommand } from "../../kernel/setup/run-command.mjs";
import { BENCH, readArguments } from "./arguments.mjs";
import { bundleWorker, setUpWithPeers } from "./bench-environment.mjs";
import { benchKernel } from "./kernel/bench.mjs";
import { report } from "./report.mjs";
import { measure } from "./suite.mjs";

/** `npm run bench`: Allroads compared with PyTorch and JAX on this machine. */
async function benchTraining(argv) {
  const options = readArguments(argv, {
    from: callerFolder,
    cores: availableParallelism(),
    env: process.env,
  });
  if (options.help) {
    process.stdout.write(helpText(BENCH));
    return;
  }
  const missing = await setUpWithPeers();
  const result = await measure(options, await bundleWorker(), missing);
  for (const line of report(result)) log(line);
  if (options.json === null) return;
  writeAtomically(options.json, `${JSON.stringify(result, null, 1)}\n`);
  log(`All numbers: ${options.json}`);
}

await runCommand((argv) => {
  const [word = "", ...rest] = argv;
  if (word === "kernel") return benchKernel(rest);
  if (nearest(word, ["kernel"])) throw usageError(`Unexpected argument "${word}": did you mean "kernel"?`);
  return benchTraining(argv);
});
