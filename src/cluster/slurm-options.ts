import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseYaml, validated } from "../files/data-files.ts";
import { readUtf8 } from "../files/read-utf8.ts";
import { repositoryRoot, userPath } from "../files/repository.ts";
import { UsageError } from "../files/usage-error.ts";

/* What Slurm is asked for: the options of a command, and those that a site's file gives for all commands. */

/** The options that the command line and the site's file have in common, by name, with what their values must be. */
const RULES = {
  partition: [/^[\w.,-]+$/, "the name of a partition"],
  account: [/^[\w.-]+$/, "the name of an account"],
  gpus: [/^([\w.-]+:)?[1-9]\d{0,2}$/, "a number of cards above 0, or TYPE:NUMBER"],
  cpus: [/^[1-9]\d{0,3}$/, "a whole number of cores above 0"],
  mem: [/^[1-9]\d*[KMGT]?$/i, "an amount of memory such as 6G"],
  time: [
    /^(\d+-\d+(:\d+){0,2}|\d+(:\d+){0,2})$/,
    "a time such as 90 (minutes), 4:00:00 or 1-12:00:00 (days first)",
  ],
  "max-jobs": [/^[1-9]\d{0,5}$/, "a whole number of tasks above 0"],
  constraint: [/^[\w.,:&|*()[\]@!-]+$/, "the features of nodes, as sbatch takes them"],
} as const satisfies Record<string, readonly [RegExp, string]>;

/** The name of an option that the command line and the site's file have in common. */
export type SlurmOption = keyof typeof RULES;

/** The names of the options that the command line and the site's file have in common. */
export const slurmOptions = Object.keys(RULES) as SlurmOption[];

/** What Slurm is asked for, and what each task runs before it trains. */
export type SlurmOptions = Partial<Record<SlurmOption, string>> & {
  /** Further options of sbatch, such as "--qos=long". */
  readonly sbatch?: readonly string[];
  /** Lines of Bash that each task runs first. */
  readonly setup?: readonly string[];
  /** The program Node on the nodes; default the path of the one that submits. */
  readonly node?: string;
};

const line = z.string().regex(/^[^\0\r\n]+$/, "give one line of text");
const value = (name: SlurmOption) =>
  z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((text) => RULES[name][0].test(text), `give ${RULES[name][1]}`);

const schema = z.strictObject({
  ...(Object.fromEntries(slurmOptions.map((name) => [name, value(name).optional()])) as Record<
    SlurmOption,
    z.ZodOptional<ReturnType<typeof value>>
  >),
  sbatch: z.array(line.regex(/^--[a-z]/, "give an option of sbatch such as --qos=long")).optional(),
  setup: z.array(line).optional(),
  node: line.optional(),
});

const MOST_BYTES = 100_000;

/** The options in the text of a site's file. Throws an error that names the file and what is wrong. */
export function parseSiteFile(text: string, file: string): SlurmOptions {
  return validated(schema, parseYaml(text, file) ?? {}, file);
}

/**
 * The options of this site: in the file that `ALLROADS_SLURM` names, else in slurm.yaml in the repository, if there is
 * one. Throws if the file cannot be read or is not as expected.
 */
export function siteOptions(named = process.env.ALLROADS_SLURM): SlurmOptions {
  const file = named ? userPath(named) : join(repositoryRoot(), "slurm.yaml");
  if (!named && !existsSync(file)) return {};
  try {
    return parseSiteFile(textOf(file), file);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function textOf(file: string): string {
  try {
    return readUtf8(file, MOST_BYTES);
  } catch (error) {
    throw new Error(
      `${file}, the file of Slurm's options, could not be read (${(error as Error).message}): correct ALLROADS_SLURM.`,
    );
  }
}

/** The options that a command line gives. Throws a UsageError that names the first one with a wrong value. */
export function commandOptions(given: ReadonlyMap<string, readonly string[]>): SlurmOptions {
  const entries = slurmOptions.flatMap((name): [SlurmOption, string][] => {
    const text = given.get(name)?.at(-1);
    if (text === undefined) return [];
    const [pattern, expected] = RULES[name];
    if (!pattern.test(text)) throw new UsageError(`--${name} is "${text}": give ${expected}.`);
    return [[name, text]];
  });
  return Object.fromEntries(entries);
}

/** The seconds of a time limit as Slurm writes it: minutes, M:S, H:M:S, D-H, D-H:M or D-H:M:S. */
export function limitSeconds(time: string): number {
  const [first = "", rest] = time.split("-");
  const parts = (rest ?? first).split(":").map(Number);
  const [a = 0, b = 0, c = 0] = parts;
  if (rest !== undefined) return 86_400 * Number(first) + 3600 * a + 60 * b + c;
  if (parts.length === 3) return 3600 * a + 60 * b + c;
  return 60 * a + b;
}
