import { join } from "node:path";
import {
  type Document,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  parseDocument,
  visit,
} from "yaml";
import type { z } from "zod";
import { quoted } from "./quoted.ts";
import { readUtf8 } from "./read-utf8.ts";
import { repositoryRoot } from "./repository.ts";
import { visibleLine } from "./visible-text.ts";

/** The largest file of the repository's data, in bytes, and the bounds of YAML. Registrations have up to 12,000. */
const LONGEST_DATA = 1_000_000;
const YAML_LIMITS = { characters: 50_000, depth: 32, aliases: 200 } as const;

/** The text of `path`, relative to the repository's root. Throws if it cannot be read, has more than 1 MB or is not UTF-8. */
export function readData(path: string): string {
  const file = join(repositoryRoot(), path);
  try {
    return readUtf8(file, LONGEST_DATA);
  } catch (error) {
    throw new Error(
      `${path} could not be read (${(error as Error).message}); restore it from the repository.`,
    );
  }
}

/**
 * Parses YAML 1.2 text. Throws an error that names the file if it is not YAML, has more than 50,000 characters, 32 levels or
 * 200 aliases, a key twice, a key that is not text or is `__proto__`, a type that JSON does not have, or text with a NUL
 * character or an unpaired surrogate.
 */
export function parseYaml(yaml: string, file: string): unknown {
  const fail = (problem: string): never => {
    throw new Error(`${file} cannot be read as YAML: ${visibleLine(problem)}.`);
  };
  if (yaml.length > YAML_LIMITS.characters)
    fail(`it has ${yaml.length} characters, and at most ${YAML_LIMITS.characters} are read`);
  if (isDeeper(yaml, YAML_LIMITS.depth)) fail(`it nests deeper than ${YAML_LIMITS.depth} levels`);
  const lines = new LineCounter();
  // The library's own positions and check of keys take quadratic time.
  const document = parseDocument(yaml, {
    logLevel: "error",
    prettyErrors: false,
    uniqueKeys: false,
    resolveKnownTags: false,
    lineCounter: lines,
  });
  const where = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `at line ${line}, column ${col}`;
  };
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) fail(`${problem.message} ${where(problem.pos[0])}`);
  if (document.directives?.yaml.version !== "1.2") fail("it asks for another version than YAML 1.2");
  checkNodes(document, (problem, node) => fail(`${problem} ${where(node.range?.[0] ?? 0)}`));
  try {
    return document.toJS({ maxAliasCount: YAML_LIMITS.aliases });
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** Calls `fail` at a node that no registration needs and that could mislead or exhaust a reader. */
function checkNodes(document: Document, fail: (problem: string, node: Node) => never): void {
  let aliases = 0;
  visit(document, {
    Alias(_, alias, path) {
      if (++aliases > YAML_LIMITS.aliases) fail(`more than ${YAML_LIMITS.aliases} aliases`, alias);
      const target = alias.resolve(document);
      if (target !== undefined && path.includes(target)) fail("an alias of what it is in", alias);
    },
    Map(_, map) {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || typeof key.value !== "string" || key.value === "__proto__")
          fail(`the key ${quoted(String(key))}, which is not a name`, isNode(key) ? key : map);
        if (keys.has(key.value)) fail(`the key ${quoted(key.value)} twice`, key);
        keys.add(key.value);
      }
    },
    Scalar(_, scalar) {
      if (typeof scalar.value === "string" && /[\0\p{Surrogate}]/u.test(scalar.value))
        fail("text with a NUL character or an unpaired surrogate", scalar);
    },
  });
}

/** Whether a YAML text nests deeper than `depth`, found without recursion. */
function isDeeper(yaml: string, depth: number): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(yaml)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > depth) return true;
  }
  return false;
}

/** Validates a value read from `file`. Throws an error that names the file and each wrong field. */
export function validated<S extends z.ZodType>(schema: S, value: unknown, file: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const problems = issues.slice(0, MOST_PROBLEMS).map(({ path, message }) => {
    const field = path.map(String).join(".") || "(the whole file)";
    return visibleLine(`\`${cut(field)}\`: ${message.charAt(0).toLowerCase()}${cut(message.slice(1))}`);
  });
  const more = issues.length - problems.length;
  if (more > 0) problems.push(`and ${more} more`);
  throw new Error(`${file} is not as expected: ${problems.join("; ")}.`);
}

/** The most problems of a file that a message lists. */
const MOST_PROBLEMS = 20;

const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
