import { readFileSync } from "node:fs";
import path from "node:path";
import { Failure } from "../../../kernel/setup/failure.mjs";
import { writeAtomically } from "../../../kernel/setup/files.mjs";
import { list } from "../../../kernel/setup/options.mjs";
import { calledFrom, paths } from "../../../kernel/setup/paths.mjs";
import { say } from "../../../kernel/setup/say.mjs";
import { setUp } from "../../../kernel/setup/setup.mjs";
import { helpText, readArguments } from "./arguments.mjs";
import { installDeno } from "./deno.mjs";
import { KERNELS } from "./kernels.mjs";
import { measure } from "./measure.mjs";
import { withSection } from "./readme.mjs";
import { readmeSection, report } from "./report.mjs";

/** `npm run bench -- kernel`: Allroads' kernel beside others, on this machine. */
export async function benchKernel(argv) {
  const options = readArguments(argv, { from: calledFrom, env: process.env });
  if (options.help) {
    process.stdout.write(helpText());
    return;
  }
  const readme = path.join(paths.root, "kernel", "README.md");
  if (options.write) withSection(readFileSync(readme, "utf8"), ""); // What is missing is told before anything is measured.
  await setUp();
  const reason = options.names.includes("deno") ? await installDeno() : null;
  const result = await measure(options, reason === null ? {} : { deno: reason });
  for (const line of report(result)) say(line);
  if (options.json !== null) {
    writeAtomically(options.json, `${JSON.stringify(result, null, 1)}\n`);
    say(`All numbers: ${options.json}`);
  }
  if (!options.write) return;
  const missing = Object.keys(result.unavailable).map((name) => KERNELS[name].label);
  if (missing.length > 0)
    throw new Failure(
      `kernel/README.md is left as it is: it tells of all kernels, and ${list(missing)} could not be measured.`,
    );
  writeAtomically(readme, withSection(readFileSync(readme, "utf8"), readmeSection(result)));
  say(`Written: ${readme}`);
}
