import { Failure } from "./failure.mjs";

/** A sentence about a command line that cannot be understood. */
export const wrong = (sentence) => new Failure(sentence, 2);

/** Words as people list them: "a", "a and b", "a, b and c". */
export const list = (words) =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** Cuts a text at the first `mark`. */
export const splitOnce = (word, mark) => {
  const at = word.indexOf(mark);
  return [word.slice(0, at), word.slice(at + 1)];
};

/**
 * Hands each option of a command line to whoever takes it, in order. A value may follow its option or an equals
 * sign.
 *
 * @param {string} name the command as the user starts it, "npm run paper" or "npm run bench -- kernel" for two
 * @param {string[]} argv
 * @param {object} takers
 * @param {Record<string, (value: string) => void>} takers.values by option, for example "--preset"
 * @param {Record<string, () => void>} takers.flags options without a value
 * @param {(word: string) => string} takers.stray the sentence about a word that is no option
 * @param {NodeJS.ProcessEnv} [env] where npm leaves the options that it took for its own
 * @throws {Failure} with exit code 2 for anything that cannot be understood
 */
export function readOptions(name, argv, { values, flags, stray }, env = {}) {
  const start = name.includes(" -- ") ? name : `${name} --`;
  for (const option of Object.keys({ ...values, ...flags })) {
    const swallowed = env[`npm_config_${option.slice(2)}`];
    if (!swallowed) continue;
    const written = swallowed === "true" ? option : `${option} ${swallowed}`;
    throw wrong(`npm kept ${option} to itself: put "--" before the options, as in ${start} ${written}.`);
  }
  const rest = argv.flatMap((word) => (/^--[a-z]+=/.test(word) ? splitOnce(word, "=") : [word]));
  while (rest.length > 0) {
    const option = rest.shift() ?? "";
    if (Object.hasOwn(flags, option)) flags[option]();
    else if (Object.hasOwn(values, option)) {
      const word = rest.shift();
      if (word === undefined || word.startsWith("--"))
        throw wrong(`${option} needs a value: see ${start} --help.`);
      values[option](word);
    } else if (option.startsWith("-")) throw wrong(`There is no option ${option}: see ${start} --help.`);
    else throw wrong(stray(option));
  }
}
