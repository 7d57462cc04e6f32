import { parseArgs } from "node:util";
import { UsageError } from "./files/usage-error.ts";
import { visibleText } from "./files/visible-text.ts";
import { nearest, unknownName } from "./text/nearest.ts";

/** An option of a command. */
export interface OptionShape {
  readonly help: string;
  /** The placeholder of its value; an option without one is a flag. */
  readonly value?: string;
  /** The values that it takes, if only these. */
  readonly choices?: readonly string[];
  /** Whether its value is a whole number from 0. */
  readonly number?: boolean;
}

/** What a command takes. */
export interface CommandShape {
  /** What it does, in the infinitive. */
  readonly help: string;
  /** The placeholder of its operand, if it has one. */
  readonly operand?: string;
  readonly options?: Readonly<Record<string, OptionShape>>;
}

/** A program with several commands, whose names have one or two words. */
export interface Program {
  readonly name: string;
  readonly about: string;
  readonly notes: string;
  readonly commands: Readonly<Record<string, CommandShape>>;
}

/** A command as it was called. */
export interface Call {
  readonly command: string;
  readonly operand: string | undefined;
  /** The values of each option that was given, in order; empty for a flag. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** The text that was asked for by --help. */
export interface Help {
  readonly help: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a command line. Without a command help on the program is wanted, and with --help on the command that is named.
 * Throws a UsageError if the command, an option or its value is unknown, if a value is missing or an operand one too
 * many, or if npm has kept an option for itself, which it leaves in `env`.
 */
export function parseCommand(
  argv: readonly string[],
  program: Program,
  env: Environment = process.env,
): Call | Help {
  const { name, commands } = program;
  const all = Object.values(commands).flatMap(({ options = {} }) => Object.entries(options));
  const types = all.map(([option, { value }]) => [
    option,
    { type: value === undefined ? "boolean" : "string" },
  ]);
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: { ...Object.fromEntries(types), help: { type: "boolean", short: "h" } },
  });
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const given = tokens.flatMap((token) => (token.kind === "option" ? [token] : []));
  const hint = `see ${name} --help`;
  if (tokens.length === 0 || given.some((option) => option.name === "help"))
    return { help: helpOn(program, words, env) };
  const command = commandOf(words, program, hint);
  const { operand: placeholder, options: known = {} } = commands[command]!;
  for (const [option, { value }] of Object.entries(known))
    checkNpm(option, value, typed(name, command, env), env);
  const options = new Map<string, readonly string[]>();
  for (const option of given) {
    if (!Object.hasOwn(known, option.name))
      throw unknownOption(`${name} ${command}`, option.rawName, Object.keys(known), hint);
    checkValue(option, known[option.name]!, hint);
    const values = option.value === undefined ? [] : [option.value];
    options.set(option.name, [...(options.get(option.name) ?? []), ...values]);
  }
  const [operand, surplus] = words.slice(command.split(" ").length);
  const unexpected = placeholder === undefined ? operand : surplus;
  if (unexpected !== undefined) throw new UsageError(`Unexpected argument "${unexpected}": ${hint}.`);
  return { command, operand, options };
}

/** Throws if npm kept an option for itself, because it stood before its "--", and says what to type instead. */
function checkNpm(option: string, placeholder: string | undefined, command: string, env: Environment): void {
  const kept = env[`npm_config_${option.replaceAll("-", "_")}`];
  if (!kept) return;
  const value = placeholder === undefined ? "" : ` ${kept === "true" ? placeholder : kept}`;
  throw new UsageError(
    `npm took --${option} for itself: put "--" before the options, as in ${command} --${option}${value}.`,
  );
}

interface GivenOption {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function checkValue({ name, rawName, value, inlineValue }: GivenOption, shape: OptionShape, hint: string) {
  if (shape.value === undefined) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value: ${hint}.`);
    return;
  }
  if (!value || (!inlineValue && value.startsWith("--")))
    throw new UsageError(`${rawName} needs a value: ${hint}.`);
  if (shape.choices?.includes(value) === false) throw new UsageError(unknownName(name, value, shape.choices));
  if (shape.number && !/^\d{1,15}$/.test(value))
    throw new UsageError(`${rawName} is "${value}": give a whole number from 0.`);
}

/** The command that the first one or two words name. */
function commandOf(words: readonly string[], { name, commands }: Program, hint: string): string {
  const [first, second] = words;
  const names = Object.keys(commands);
  if (first === undefined) throw new UsageError(`Name a command: ${hint}.`);
  if (names.includes(first)) return first;
  const below = names.filter((one) => one.startsWith(`${first} `));
  if (below.length === 0)
    throw new UsageError(unknownName("command", first, [...new Set(names.map((one) => one.split(" ")[0]!))]));
  if (second === undefined) throw new UsageError(`${name} ${first} needs one more word: ${hint}.`);
  const command = `${first} ${second}`;
  if (below.includes(command)) return command;
  throw new UsageError(unknownName("command", command, below));
}

function unknownOption(command: string, rawName: string, names: readonly string[], hint: string): UsageError {
  const near = rawName.startsWith("--") ? nearest(rawName.slice(2), names) : undefined;
  return new UsageError(
    `${command} has no option ${rawName}: ${near === undefined ? `${hint}.` : `did you mean --${near}?`}`,
  );
}

/** How a command is typed, up to its options: by npm's script of its name if that runs it, or else by npx. */
function typed(name: string, command: string, env: Environment): string {
  return env.npm_lifecycle_event === command ? `npm run ${command} --` : `npx ${name} ${command}`;
}

type Row = readonly [left: string, right: string];

/** Two columns, the left one as wide as its longest text. */
function columns(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  const line = ([left, right]: Row) =>
    `  ${left.padEnd(width)}  ${right.replaceAll("\n", `\n${" ".repeat(width + 4)}`)}`;
  return rows.map(line).join("\n");
}

/** The help on the command that the words name, or on all commands whose first word they are, or on the program. */
function helpOn(program: Program, words: readonly string[], env: Environment): string {
  const { name, about, notes, commands } = program;
  const called = [words.slice(0, 2).join(" "), words[0] ?? ""].find((one) => Object.hasOwn(commands, one));
  const options = called === undefined ? {} : (commands[called]!.options ?? {});
  const optionRows = [
    ...Object.entries(options).map(
      ([option, { value, help }]): Row => [
        value === undefined ? `--${option}` : `--${option} ${value}`,
        help,
      ],
    ),
    ["-h, --help", "show this help"] as const,
  ];
  const optionList = `Options:\n${columns(optionRows)}`;
  if (called !== undefined) {
    const { operand, help } = commands[called]!;
    const usage = ["Usage:", typed(name, called, env), operand, "[options]"].filter(Boolean).join(" ");
    const sentence = `${help.charAt(0).toUpperCase()}${help.slice(1)}.`;
    return [usage, sentence, optionList].join("\n\n");
  }
  const listed = Object.entries(commands).filter(([one]) => one.startsWith(`${words[0]} `));
  const shown = listed.length > 0 ? listed : Object.entries(commands);
  const rows = shown.map(([one, { operand, help }]): Row => [[one, operand].filter(Boolean).join(" "), help]);
  const usage = `Usage: npx ${name} COMMAND [options]`;
  const more = `npx ${name} COMMAND --help lists the options of a command. ${notes}`;
  return [usage, about, `Commands:\n${columns(rows)}`, optionList, more].join("\n\n");
}

/**
 * What a command prints of the error that ended it, and its exit status: 2 for a mistake in how it was called, else 1.
 * Errors that the program throws on purpose are plain ones, whose message is enough; any other is an error in the
 * program, and is shown with its stack and what to do.
 */
export function describeFailure(error: unknown): { text: string; status: number } {
  // The mistake may come from the other of the package's bundles, which has a class of its own.
  if (error instanceof Error && error.name === "UsageError")
    return { text: visibleText(error.message), status: 2 };
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
