import { type Call, type Help, parseCommand } from "./command-line.ts";
import { ALLROADS, ALLROADS_INSTALLED } from "./commands.ts";
import { meaningOf, registrationNames } from "./experiments/names.ts";
import { isInstalled } from "./files/repository.ts";

/* The first bundle of the command `allroads`: reads the command line. It loads in milliseconds, without TensorFlow. */

export { describeFailure } from "./command-line.ts";

/** The command line of `allroads`. Throws a UsageError if it is wrong, names of notebooks and experiments included. */
export function readCall(argv: readonly string[]): Call | Help {
  const call = parseCommand(argv, isInstalled() ? ALLROADS_INSTALLED : ALLROADS);
  if ("help" in call) return call;
  const named = call.options.get("only") ?? [];
  for (const name of named) meaningOf(name, registrationNames());
  return call;
}
