import { parseArgs } from "node:util";
import { UsageError } from "./files/usage-error.ts";
import { visibleText } from "./files/visible-text.ts";
import { nearest, unknownName } from "./text/nearest.ts";

/** What a command takes. */
export interface CommandShape {
  /** The placeholder of its operand, if it has one. */
  readonly operand?: string;
  /** Its options by name; the value is the placeholder of theirs, or undefined for a flag. */
  readonly options?: Readonly<Record<string, string | undefined>>;
}

/** A command as it was called. */
export interface Call {
  /** Its name, one of those given to `parseCommand`; undefined if help is wanted. */
  readonly command: string | undefined;
  readonly operand: string | undefined;
  /** The values of each option that was given, in order; empty for a flag. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

const HINT = "see allroads --help";

/**
 * Reads a command line. A command's name can be two words, as "runs list". Without a command, or with --help, help is
 * wanted. Throws a UsageError if the command or an option is unknown, if a value is missing or an operand one too many,
 * or if npm has taken an option for itself, which it leaves in `env`.
 */
export function parseCommand(
  argv: readonly string[],
  commands: Readonly<Record<string, CommandShape>>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Call {
  const taking = Object.values(commands).flatMap(({ options = {} }) => Object.entries(options));
  const types = taking.map(([name, value]) => [name, { type: value === undefined ? "boolean" : "string" }]);
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: { ...Object.fromEntries(types), help: { type: "boolean", short: "h" } },
  });
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const given = tokens.flatMap((token) => (token.kind === "option" ? [token] : []));
  if (tokens.length === 0 || given.some(({ name }) => name === "help"))
    return { command: undefined, operand: undefined, options: new Map() };
  const command = commandOf(words, Object.keys(commands));
  const shape = commands[command]!;
  const taken = Object.keys(shape.options ?? {}).find(
    (name) => env[`npm_config_${name.replaceAll("-", "_")}`],
  );
  if (taken !== undefined)
    throw new UsageError(
      `npm took --${taken} for itself: put "--" before the options of allroads ${command}.`,
    );
  const options = new Map<string, readonly string[]>();
  for (const { name, rawName, value, inlineValue } of given) {
    const known = shape.options ?? {};
    if (!Object.hasOwn(known, name)) throw unknownOption(command, rawName, Object.keys(known));
    const missing = !value || (!inlineValue && value.startsWith("--"));
    if (known[name] === undefined && value !== undefined)
      throw new UsageError(`${rawName} takes no value: ${HINT}.`);
    if (known[name] !== undefined && missing) throw new UsageError(`${rawName} needs a value: ${HINT}.`);
    options.set(name, [...(options.get(name) ?? []), ...(value === undefined ? [] : [value])]);
  }
  const [operand, surplus] = words.slice(command.split(" ").length);
  const unexpected = shape.operand === undefined ? operand : surplus;
  if (unexpected !== undefined) throw new UsageError(`Unexpected argument "${unexpected}": ${HINT}.`);
  return { command, operand, options };
}

/** The command that the first one or two words name. */
function commandOf(words: readonly string[], names: readonly string[]): string {
  const [first, second] = words;
  if (first === undefined) throw new UsageError(`Name a command: ${HINT}.`);
  if (names.includes(first)) return first;
  const below = names.filter((name) => name.startsWith(`${first} `));
  if (below.length === 0)
    throw new UsageError(
      unknownName("command", first, [...new Set(names.map((name) => name.split(" ")[0]!))]),
    );
  if (second === undefined) throw new UsageError(`allroads ${first} needs one more word: ${HINT}.`);
  const command = `${first} ${second}`;
  if (below.includes(command)) return command;
  throw new UsageError(unknownName("command", command, below));
}

function unknownOption(command: string, rawName: string, names: readonly string[]): UsageError {
  const near = rawName.startsWith("--") ? nearest(rawName.slice(2), names) : undefined;
  return new UsageError(
    `allroads ${command} has no option ${rawName}: ${near === undefined ? `${HINT}.` : `did you mean --${near}?`}`,
  );
}

/**
 * What a command prints of the error that ended it, and its exit status: 2 for a mistake in how it was called, else 1.
 * Errors that the program throws on purpose are plain ones, whose message is enough; any other is an error in the
 * program, and is shown with its stack and what to do.
 */
export function describeFailure(error: unknown): { text: string; status: number } {
  if (error instanceof UsageError) return { text: visibleText(error.message), status: 2 };
  if (error instanceof Error && Object.getPrototypeOf(error) === Error.prototype)
    return { text: visibleText(error.message), status: 1 };
  const stack = error instanceof Error ? error.stack : String(error);
  return {
    text: visibleText(
      "This is an error in Allroads, not in how you called it. Please report it where you got Allroads, with " +
        `the command and these lines:\n${stack}`,
    ),
    status: 1,
  };
}
