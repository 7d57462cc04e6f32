import { log } from "./setup/log.mjs";
import { paths } from "./setup/paths.mjs";
import { pinWheels } from "./setup/pin-wheels.mjs";
import { installer } from "./setup/pip.mjs";
import { runProgram } from "./setup/run-command.mjs";
import { setUp } from "./setup/setup.mjs";

/** `npm run pin`. */
const PIN = {
  name: "npm run pin --",
  about:
    "Writes kernel/requirements.txt and kernel/tensorflow.txt from the .in files beside them: the Python packages that\nset-up installs, with the SHA-256 of their wheels. Needs the package index.",
  options: { upgrade: { help: "also take newer versions of packages that the .in files do not name" } },
};

await runProgram(PIN, async (values) => {
  await setUp([], [installer]);
  const { requirements, tensorflow } = await pinWheels(paths, { upgrade: values.upgrade === true });
  log(`${requirements} packages in ${paths.requirements}, ${tensorflow} in ${paths.tensorflowWheels}.`);
});
