import { parseArgs } from "node:util";
import { visibleText } from "../display/visible.mjs";
import { Failure } from "./failure.mjs";
import { nearest } from "./nearest.mjs";

/**
 * @typedef {object} Option
 * @property {string} help
 * @property {string} [value] the placeholder of its value in the help text; an option without one is a flag
 * @property {boolean} [multiple] whether it may be given several times
 *
 * @typedef {object} Command
 * @property {string} name what the options follow, for example "npm run paper --"
 * @property {string} [operands] the arguments that are not options, as the usage line shows them; default none
 * @property {string} about what the command does
 * @property {Record<string, Option>} options by name, without the leading "--"
 * @property {string} [notes] printed after the options
 * @property {string} [passedTo] the program that gets the whole command line, apart from --help
 * @property {string[]} [passed] options of that program that npm would keep for itself without its "--"
 *
 * @typedef {object} CommandLine
 * @property {any} values by option: true, a string, or a list of strings if the option is `multiple`
 * @property {string[]} operands
 */

/** A mistake in how a command was called; the command ends with exit code 2. */
export const usageError = (message) => new Failure(message, 2);

/** "a", "a and b", "a, b and c". @param {string[]} words */
export const joinWords = (words) => new Intl.ListFormat("en-GB").format(words);

/**
 * The error for a name that does not exist: says which one was probably meant, or else lists all.
 *
 * @param {string} kind what the name stands for, for example "preset"
 * @param {string} word the name that was given
 * @param {string[]} names all names
 */
export function unknownName(kind, word, names) {
  const near = nearest(word, names);
  return usageError(
    near === undefined
      ? `There is no ${kind} "${word}": the ${kind}s are ${joinWords(names)}.`
      : `There is no ${kind} "${word}": did you mean "${near}"?`,
  );
}

/** @type {Option} */
const HELP = { help: "show this help" };

/**
 * Parses a command line with `node:util`'s parseArgs. Every command also takes --help and -h.
 *
 * @param {Command} command
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} [env] where npm puts options that were given before its "--"
 * @returns {CommandLine}
 * @throws {Failure} with exit code 2 for an unknown option, a missing value or an unexpected operand
 */
export function parseCommandLine(command, argv, env = {}) {
  /** @type {Record<string, Option>} */
  const options = { ...command.options, help: HELP };
  rejectOptionsTakenByNpm(command, env);
  const { values, positionals, tokens } = parseArgs({
    args: argv,
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value, multiple = false }]) => [
        name,
        { type: value ? "string" : "boolean", multiple, ...(name === "help" && { short: "h" }) },
      ]),
    ),
  });
  if (!command.passedTo) {
    const hint = `see ${command.name} --help`;
    for (const token of tokens) if (token.kind === "option") checkOption(token, options, hint);
    if (positionals.length > 0 && !command.operands)
      throw usageError(`Unexpected argument "${positionals[0]}": ${hint}.`);
  }
  return { values, operands: positionals };
}

function checkOption({ name, rawName, value, inlineValue }, options, hint) {
  if (!Object.hasOwn(options, name)) {
    const near = rawName.startsWith("--") ? nearest(name, Object.keys(options)) : undefined;
    throw usageError(
      `Unknown option ${rawName}: ${near === undefined ? `${hint}.` : `did you mean --${near}?`}`,
    );
  }
  const option = options[name];
  if (!option.value && value !== undefined) throw usageError(`${rawName} takes no value: ${hint}.`);
  const missing = !value || (!inlineValue && value.startsWith("--"));
  if (option.value && missing) throw usageError(`${rawName} needs a value: ${hint}.`);
}

/**
 * npm keeps options that come before its "--" and sets `npm_config_NAME` for each, to nothing for "--no-NAME". Says what
 * to type instead.
 *
 * @param {Command} command
 * @param {NodeJS.ProcessEnv} env
 */
function rejectOptionsTakenByNpm({ name, options, passed = [] }, env) {
  for (const option of [...Object.keys(options), ...passed]) {
    const [, negated] = /^no-(.+)/.exec(option) ?? [];
    const value = env[`npm_config_${(negated ?? option).replaceAll("-", "_")}`];
    if (negated === undefined ? !value : value !== "") continue;
    const placeholder = options[option]?.value ?? "";
    const words = [`--${option}`, !value || value === "true" ? placeholder : value].filter(Boolean);
    throw usageError(
      `npm took --${option} for itself: put "--" before the options, as in ${name} ${words.join(" ")}.`,
    );
  }
}

/** The text that --help prints. @param {Command} command */
export function helpText({ name, operands, about, options, notes }) {
  const entries = Object.entries(options).map(([option, { value, help }]) => [
    value ? `--${option} ${value}` : `--${option}`,
    help,
  ]);
  const rows = [...entries, ["-h, --help", HELP.help]];
  const width = Math.max(...rows.map(([left = ""]) => left.length));
  const lines = rows.map(([left = "", help = ""]) => {
    const [first, ...more] = help.split("\n");
    return [`  ${left.padEnd(width)}  ${first}`, ...more.map((text) => " ".repeat(width + 4) + text)].join(
      "\n",
    );
  });
  const usage = ["Usage:", name, operands, "[options]"].filter(Boolean).join(" ");
  const parts = [usage, about, ["Options:", ...lines].join("\n"), notes];
  return visibleText(`${parts.filter(Boolean).join("\n\n")}\n`);
}
