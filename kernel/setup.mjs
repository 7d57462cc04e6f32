import { command } from "./setup/command.mjs";
import { Failure } from "./setup/failure.mjs";
import { setUp } from "./setup/setup.mjs";

/** `npm run setup`: only makes what is missing. */
await command(async (argv) => {
  if (argv.length > 0)
    throw new Failure("npm run setup takes no options; ALLROADS_DEVICE=cpu or cuda chooses the device.", 2);
  await setUp();
});
