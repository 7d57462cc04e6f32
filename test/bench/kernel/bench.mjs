import { readFileSync } from "node:fs";
import path from "node:path";
import { helpText, joinWords } from "../../../kernel/setup/command-line.mjs";
import { Failure } from "../../../kernel/setup/failure.mjs";
import { writeAtomically } from "../../../kernel/setup/files.mjs";
import { log } from "../../../kernel/setup/log.mjs";
import { callerFolder, paths } from "../../../kernel/setup/paths.mjs";
import { setUp } from "../../../kernel/setup/setup.mjs";
import { KERNEL_BENCH, readArguments } from "./arguments.mjs";
import { installPackages } from "./cells.mjs";
import { installDeno } from "./deno.mjs";
import { kernelNamed } from "./kernels.mjs";
import { measure } from "./measure.mjs";
import { replaceSection } from "./readme.mjs";
import { readmeSection, report } from "./report.mjs";

/** `npm run bench -- kernel`: the Allroads kernel compared with others on this machine. */
export async function benchKernel(argv) {
  const options = readArguments(argv, { from: callerFolder, env: process.env });
  if (options.help) {
    process.stdout.write(helpText(KERNEL_BENCH));
    return;
  }
  const readme = path.join(paths.root, "kernel", "README.md");
  if (options.write) replaceSection(readFileSync(readme, "utf8"), ""); // Fails before the run if a marker is missing.
  await setUp();
  const reason = options.names.includes("deno") ? await installDeno() : null;
  const noCells = await installPackages();
  const result = await measure(options, reason === null ? {} : { deno: reason }, noCells);
  for (const line of report(result)) log(line);
  if (options.json !== null) {
    writeAtomically(options.json, `${JSON.stringify(result, null, 1)}\n`);
    log(`All numbers: ${options.json}`);
  }
  if (!options.write) return;
  const missing = [
    ...Object.keys(result.unavailable).map((name) => kernelNamed(name).label),
    ...(result.noCells === null ? [] : ["the cells with npm packages"]),
  ];
  if (missing.length > 0)
    throw new Failure(
      `kernel/README.md was not changed, since ${joinWords(missing)} could not be measured: make that possible, then run the command again.`,
    );
  writeAtomically(readme, replaceSection(readFileSync(readme, "utf8"), readmeSection(result)));
  log(`Written: ${readme}`);
}
