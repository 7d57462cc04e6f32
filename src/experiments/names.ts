import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { repositoryRoot } from "../files/repository.ts";
import { UsageError } from "../files/usage-error.ts";
import { unknownName } from "../text/nearest.ts";

/** The names of the notebooks. */
export const notebookNames = (): string[] => namesIn("notebooks", ".ipynb");

/** The title of a notebook: its first heading. */
export function notebookTitle(name: string): string {
  const file = path.join(repositoryRoot(), "notebooks", `${name}.ipynb`);
  const { cells } = JSON.parse(readFileSync(file, "utf8")) as { cells: { source: string | string[] }[] };
  const [first] = cells.map(({ source }) => [source].flat().join(""));
  return /^# (.*)$/m.exec(first ?? "")?.[1] ?? name;
}

/** The ids of the experiments with a registration. */
export const registrationNames = (): string[] => namesIn(path.join("data", "predictions"), ".yaml");

function namesIn(folder: string, extension: string): string[] {
  const files = readdirSync(path.join(repositoryRoot(), folder));
  return files.filter((file) => file.endsWith(extension)).map((file) => path.basename(file, extension));
}

/** The number with which an id begins. */
export const numberOf = (id: string) => id.split("-", 1)[0]!;

/**
 * What a name stands for: the numbers of the notebooks whose name it is, or which begin with it, or else the experiment
 * of this id; the file of a registration stands for its experiment. Throws if it is none of these.
 */
export function meaningOf(
  given: string,
  ids: readonly string[],
): { readonly numbers: readonly string[] } | { readonly id: string } {
  const registration = path.basename(given, ".yaml");
  if (given.endsWith(".yaml") && ids.includes(registration)) return { id: registration };
  const name = path.basename(given, ".ipynb");
  const notebooks = notebookNames();
  const starts = notebooks.filter((notebook) => name !== "" && notebook.startsWith(name));
  const numbers = (notebooks.includes(name) ? [name] : starts).map(numberOf);
  if (numbers.length > 0) return { numbers };
  if (ids.includes(name)) return { id: name };
  throw new UsageError(unknownName("notebook or experiment", name, [...new Set([...notebooks, ...ids])]));
}
