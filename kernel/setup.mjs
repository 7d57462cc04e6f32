import { build, markAsCurrent } from "./setup/build.mjs";
import { paths } from "./setup/paths.mjs";
import { runProgram } from "./setup/run-command.mjs";
import { setUpIn } from "./setup/run-setup.mjs";
import { setUp, verify } from "./setup/setup.mjs";

/** `npm run setup`. */
const SETUP = {
  name: "npm run setup --",
  about:
    "Installs the npm packages, the Python environment and TensorFlow's library, builds the code and installs the\nkernels, as far as they are missing.",
  options: {
    verify: { help: "then check TensorFlow's files for damage since they were unpacked" },
    build: { help: "only build what has changed in src and kernel" },
  },
  notes: "ALLROADS_DEVICE=cpu or cuda chooses the device; the default is cuda if there is an NVIDIA driver.",
};

await runProgram(SETUP, async (values) => {
  if (values.build) {
    await setUpIn(paths, [build]);
    markAsCurrent(paths);
    return;
  }
  await setUp();
  if (values.verify) await verify();
});
