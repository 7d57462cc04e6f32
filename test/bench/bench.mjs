import { availableParallelism } from "node:os";
import { command } from "../../kernel/setup/command.mjs";
import { writeAtomically } from "../../kernel/setup/files.mjs";
import { calledFrom } from "../../kernel/setup/paths.mjs";
import { say } from "../../kernel/setup/say.mjs";
import { setUp } from "../../kernel/setup/setup.mjs";
import { helpText, readArguments } from "./arguments.mjs";
import { bundleWorker, pytorchSteps } from "./environment.mjs";
import { benchKernel } from "./kernel/bench.mjs";
import { report } from "./report.mjs";
import { measure } from "./suite.mjs";

/** `npm run bench`: Allroads beside PyTorch, on this machine. */
async function benchTraining(argv) {
  const options = readArguments(argv, { from: calledFrom, cores: availableParallelism(), env: process.env });
  if (options.help) {
    process.stdout.write(helpText());
    return;
  }
  await setUp(pytorchSteps);
  const result = await measure(options, await bundleWorker());
  for (const line of report(result)) say(line);
  if (options.json === null) return;
  writeAtomically(options.json, `${JSON.stringify(result, null, 1)}\n`);
  say(`All numbers: ${options.json}`);
}

await command((argv) => (argv[0] === "kernel" ? benchKernel(argv.slice(1)) : benchTraining(argv)));
