#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/* The command `allroads`, from the built package. It reads its arguments before it loads the library. */

const built = fileURLToPath(new URL("./dist/start.cjs", import.meta.url));
if (!existsSync(built)) {
  process.stderr.write("allroads has not been built yet: run npm run setup in the repository first.\n");
  process.exit(2);
}
// TensorFlow's package reads the command line when it is loaded, and fails on some options that it does not know.
const argv = process.argv.splice(2);
const { describeFailure, readCall } = (await import(built)).default;
try {
  const call = readCall(argv);
  if ("help" in call) process.stdout.write(`${call.help}\n`);
  else process.exitCode = await run();
} catch (error) {
  const { text, status } = describeFailure(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = status;
}

/** Loads the library and runs the command. Returns its exit status. */
async function run() {
  const library = await import("./dist/index.cjs").catch((error) => {
    throw new Error(`allroads cannot be loaded (${error.message}): run npm run setup in the repository.`);
  });
  return library.default.cli(argv);
}
