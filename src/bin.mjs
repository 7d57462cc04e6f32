#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/*
 * The command `allroads`, from the built package. It reads its arguments before it loads the library, and before the
 * program that sets the repository up, which npm's scripts name in ALLROADS_SET_UP.
 */

let before = process.env.ALLROADS_SET_UP;
delete process.env.ALLROADS_SET_UP;

/** Runs the program that sets up, once, and ends this one if that fails. */
function setUpBefore() {
  if (!before) return;
  const { status } = spawnSync(process.execPath, [before], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  before = undefined;
}

const built = fileURLToPath(new URL("./dist/start.cjs", import.meta.url));
if (!existsSync(built)) setUpBefore();
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
  else process.exitCode = await (call.command === "setup" ? setUp(call.options) : run());
} catch (error) {
  const { text, status } = describeFailure(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = status;
}

/** Runs the set-up that the package brings. In the repository it is another command. */
async function setUp(options) {
  const program = new URL("./dist/setup.mjs", import.meta.url);
  if (!existsSync(program)) throw new Error("This is the repository of allroads: run npm run setup.");
  const { setUpModule } = await import(program.href);
  await setUpModule(options.get("library")?.at(-1));
  return process.exitCode;
}

/** Loads the library and runs the command. Returns its exit status. */
async function run() {
  setUpBefore();
  const { main } = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8"));
  const library = await import(new URL(main, import.meta.url).href).catch((error) => {
    const [reason] = error.message.split("\n", 1);
    throw new Error(`allroads cannot be loaded: ${reason.replace(/\.?$/, ".")}`);
  });
  return library.default.cli(argv);
}
