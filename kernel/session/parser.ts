import { createRequire } from "node:module";
import type { ParserOptions } from "@babel/parser";
import type { Node } from "./bindings.ts";
import { requireCompiled } from "./code-cache.ts";
import { shelfFolder } from "./placeholder-files.ts";

const require = createRequire(import.meta.url);

let loaded: unknown;

/** Babel's parser, which is loaded when it is first asked: not before the kernel can answer. */
const babel = () => {
  loaded ??= requireCompiled("@babel/parser", require, shelfFolder());
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

const typescript = ["typescript", "decorators", "explicitResourceManagement"] as const;

/** The syntax tree of JavaScript's module syntax. Throws a SyntaxError where there is none. */
export const parseModule = (code: string): Node => babel().parse(code, options).program as unknown as Node;

/** The syntax tree of a module's TypeScript, if there is one in spite of its errors, and whether there are none. */
export function parseTypeScript(source: string): { program?: Node; faultless: boolean } {
  try {
    const { program, errors } = babel().parse(source, { ...options, plugins: [...typescript] });
    return { program: program as unknown as Node, faultless: (errors ?? []).length === 0 };
  } catch {
    return { faultless: false };
  }
}
