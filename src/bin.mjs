#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/* The command `allroads`, from the built package. */

const built = fileURLToPath(new URL("./dist/index.cjs", import.meta.url));
if (!existsSync(built)) {
  process.stderr.write("allroads has not been built yet: run npm run setup in the repository first.\n");
  process.exit(2);
}
// TensorFlow's package reads the command line when it is loaded, and fails on some options that it does not know.
const argv = process.argv.splice(2);
const library = await import(built).catch((error) => {
  process.stderr.write(
    `allroads cannot be loaded (${error.message}): run npm run setup in the repository.\n`,
  );
  process.exit(1);
});
const { cli, describeFailure } = library.default;
try {
  process.exitCode = await cli(argv);
} catch (error) {
  const { text, status } = describeFailure(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = status;
}
