import path from "node:path";
import { helpText, parseCommandLine } from "./setup/command-line.mjs";
import { log } from "./setup/log.mjs";
import { packModule } from "./setup/module-package.mjs";
import { callerFolder, paths } from "./setup/paths.mjs";
import { runCommand } from "./setup/run-command.mjs";
import { setUp } from "./setup/setup.mjs";

/** `npm run pack`. */
const PACK = {
  name: "npm run pack --",
  about:
    "Sets up what is missing and packs the module allroads by npm pack, to be installed in other projects.",
  options: { out: { value: "DIR", help: "the folder of the package; the default is dist" } },
};

await runCommand(async (argv) => {
  const { values } = parseCommandLine(PACK, argv, process.env);
  if (values.help) {
    process.stdout.write(helpText(PACK));
    return;
  }
  await setUp();
  const folder = values.out ? path.resolve(callerFolder, values.out) : path.join(paths.root, "dist");
  log(`Packed ${await packModule(folder, paths)}`);
});
