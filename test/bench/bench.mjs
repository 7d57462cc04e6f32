import { availableParallelism } from "node:os";
import { helpText } from "../../kernel/setup/command-line.mjs";
import { writeAtomically } from "../../kernel/setup/files.mjs";
import { log } from "../../kernel/setup/log.mjs";
import { callerFolder } from "../../kernel/setup/paths.mjs";
import { runCommand } from "../../kernel/setup/run-command.mjs";
import { setUp } from "../../kernel/setup/setup.mjs";
import { BENCH, readArguments } from "./arguments.mjs";
import { bundleWorker, pytorchSteps } from "./bench-environment.mjs";
import { benchKernel } from "./kernel/bench.mjs";
import { report } from "./report.mjs";
import { measure } from "./suite.mjs";

/** `npm run bench`: Allroads compared with PyTorch on this machine. */
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
  await setUp(pytorchSteps);
  const result = await measure(options, await bundleWorker());
  for (const line of report(result)) log(line);
  if (options.json === null) return;
  writeAtomically(options.json, `${JSON.stringify(result, null, 1)}\n`);
  log(`All numbers: ${options.json}`);
}

await runCommand((argv) => (argv[0] === "kernel" ? benchKernel(argv.slice(1)) : benchTraining(argv)));
