#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/* The command `allroads`, from the built package. */

const built = fileURLToPath(new URL("./dist/index.cjs", import.meta.url));
if (!existsSync(built)) {
  process.stderr.write("allroads has not been built yet: run npm run setup in the repository first.\n");
  process.exit(2);
}
const { cli } = (await import(built)).default;
try {
  process.exitCode = await cli(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
