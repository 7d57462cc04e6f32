import { helpText, parseCommandLine } from "./setup/command-line.mjs";
import { runCommand } from "./setup/run-command.mjs";
import { setUp } from "./setup/setup.mjs";

/** `npm run setup`. */
const SETUP = {
  name: "npm run setup --",
  about:
    "Installs the npm packages, the Python environment and TensorFlow's library, builds the code and installs the\nkernels, as far as they are missing.",
  options: {},
  notes: "ALLROADS_DEVICE=cpu or cuda chooses the device; the default is cuda if there is an NVIDIA driver.",
};

await runCommand(async (argv) => {
  if (parseCommandLine(SETUP, argv, process.env).values.help) process.stdout.write(helpText(SETUP));
  else await setUp();
});
