import path from "node:path";
import { log } from "./setup/log.mjs";
import { packModule } from "./setup/module-package.mjs";
import { callerFolder, paths } from "./setup/paths.mjs";
import { runProgram } from "./setup/run-command.mjs";
import { setUp } from "./setup/setup.mjs";

/** `npm run pack`. */
const PACK = {
  name: "npm run pack --",
  about:
    "Sets up what is missing and packs the module allroads by npm pack, to be installed in other projects.",
  options: { out: { value: "DIR", help: "the folder of the package; the default is dist" } },
};

await runProgram(PACK, async (values) => {
  await setUp();
  const folder = values.out ? path.resolve(callerFolder, values.out) : path.join(paths.root, "dist");
  log(`Packed ${await packModule(folder, paths)}`);
});
