import { createRequire } from "node:module";
import type { ParserOptions } from "@babel/parser";
import { log } from "../protocol/process.ts";
import type { Node } from "./bindings.ts";
import { requireWithCodeCache } from "./code-cache.ts";
import { cacheFolder } from "./private-folder.ts";

const require = createRequire(import.meta.url);

let loaded: unknown;

/** Loads Babel's parser on first use, so that it does not delay the kernel's first reply. */
const babel = () => {
  loaded ??= requireWithCodeCache("@babel/parser", require, cacheFolder(log));
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

const typeScriptPlugins = ["typescript", "decorators", "explicitResourceManagement"] as const;

/**
 * Parses a JavaScript module.
 *
 * @throws SyntaxError if there are errors that Babel cannot recover from
 */
export const parseModule = (code: string): Node => babel().parse(code, options).program as unknown as Node;

/** Parses a TypeScript module. `program` is missing if Babel cannot recover from its syntax errors. */
export function parseTypeScript(source: string): { program?: Node; hasErrors: boolean } {
  try {
    const { program, errors } = babel().parse(source, { ...options, plugins: [...typeScriptPlugins] });
    return { program: program as unknown as Node, hasErrors: (errors ?? []).length > 0 };
  } catch {
    return { hasErrors: true };
  }
}
