import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { z } from "zod";
import { repositoryRoot } from "./repository.ts";

/** The text of `path`, relative to the repository's root. Throws if it cannot be read. */
export function readData(path: string): string {
  const file = join(repositoryRoot(), path);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(
      `${path} could not be read (${(error as Error).message}); restore it from the repository.`,
    );
  }
}

/** Parses YAML text. Throws an error that names the file if it is not YAML. */
export function parseYaml(yaml: string, file: string): unknown {
  try {
    return parse(yaml);
  } catch (error) {
    throw new Error(`${file} is not YAML: ${(error as Error).message.trim().split("\n")[0]}`);
  }
}

/** Validates a value read from `file`. Throws an error that names the file and each wrong field. */
export function validated<S extends z.ZodType>(schema: S, value: unknown, file: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    const field = path.map(String).join(".") || "(the whole file)";
    return `\`${field}\`: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  });
  throw new Error(`${file} is not as expected: ${problems.join("; ")}.`);
}
