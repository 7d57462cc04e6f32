import path from "node:path";
import { log } from "./setup/log.mjs";
import { callerFolder, paths } from "./setup/paths.mjs";
import { runProgram } from "./setup/run-command.mjs";
import { buildWheel } from "./setup/wheel.mjs";

/** `npm run wheel`. */
const WHEEL = {
  name: "npm run wheel --",
  about:
    "Builds the Python wheel of the kernel for this platform, after npm run setup: pip installs it with its kernelspec\nand the translator of papermill.",
  options: { out: { value: "DIR", help: "the folder of the wheel; the default is dist" } },
};

await runProgram(WHEEL, async (values) => {
  const folder = values.out ? path.resolve(callerFolder, values.out) : path.join(paths.root, "dist");
  log(`Built ${buildWheel(folder, paths)}`);
});
