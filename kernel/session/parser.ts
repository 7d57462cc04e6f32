import { createRequire } from "node:module";
import type { ParserOptions } from "@babel/parser";
import type { Node } from "./bindings.ts";
import { requireWithCodeCache } from "./code-cache.ts";
import { kernelCache } from "./private-folder.ts";

const require = createRequire(import.meta.url);

let loaded: unknown;

/** Loads Babel's parser on first use, so that it does not delay the kernel's first reply. */
const babel = () => {
  loaded ??= requireWithCodeCache("@babel/parser", require, kernelCache());
  return loaded as typeof import("@babel/parser");
};

const options = {
  sourceType: "module",
  allowAwaitOutsideFunction: true,
  createImportExpressions: true,
  createParenthesizedExpressions: true,
  errorRecovery: true,
  attachComment: false,
} satisfies ParserOptions;

/** The plugins for TypeScript, with TypeScript's own kind of decorators or the standard's. */
const typeScriptPlugins = (decorators: "decorators" | "decorators-legacy", ...more: "jsx"[]) =>
  ["typescript", decorators, "explicitResourceManagement", ...more] satisfies ParserOptions["plugins"];

/**
 * Parses a JavaScript module.
 *
 * @throws SyntaxError if there are errors that Babel cannot recover from
 */
export const parseModule = (code: string): Node => babel().parse(code, options).program as unknown as Node;

/** Whether a text may contain JSX. `<T>` may as well be a type. */
export const mayBeJsx = (source: string): boolean =>
  /<(>|[\p{ID_Start}$_][\p{ID_Continue}$.:-]*[\s/>{])/u.test(source);

/** A parsed TypeScript module. `program` is missing if Babel cannot recover from its syntax errors. */
export interface ParsedTypeScript {
  program?: Node;
  hasErrors: boolean;
  isJsx: boolean;
}

function parseWith(source: string, plugins: NonNullable<ParserOptions["plugins"]>): ParsedTypeScript {
  const isJsx = plugins.includes("jsx");
  try {
    const { program, errors } = babel().parse(source, { ...options, plugins });
    return { program: program as unknown as Node, hasErrors: (errors ?? []).length > 0, isJsx };
  } catch {
    return { hasErrors: true, isJsx };
  }
}

/** Parses a TypeScript module. It is taken to have JSX if it can be parsed only so: `<T>x` is a type assertion. */
export function parseTypeScript(source: string): ParsedTypeScript {
  let best = parseWith(source, typeScriptPlugins("decorators"));
  const retry = (plugins: NonNullable<ParserOptions["plugins"]>) => {
    if (!best.hasErrors) return;
    const parsed = parseWith(source, plugins);
    if (parsed.program && (!parsed.hasErrors || !best.program)) best = parsed;
  };
  if (source.includes("@")) retry(typeScriptPlugins("decorators-legacy"));
  if (mayBeJsx(source)) retry(typeScriptPlugins("decorators-legacy", "jsx"));
  return best;
}
