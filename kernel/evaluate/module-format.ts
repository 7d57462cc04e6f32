import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** `export =`, or an import by `import x = require()`. */
const commonJsTypeScript = /^[ \t]*(?:export\s*=|(?:export\s+)?import\s+[\w$]+\s*=\s*require\s*\()/m;
const moduleStatement = /^[ \t]*(?:import\b(?!\s*\()|export\b)/m;
const commonJsExport = /\bmodule\.exports\b|^[ \t]*exports\.[\w$]+\s*=/m;

const isCommonJsText = (source: string): boolean =>
  commonJsTypeScript.test(source) || (commonJsExport.test(source) && !moduleStatement.test(source));

/** Whether the nearest package.json of a folder says that its JavaScript is ES modules. */
function isModulePackage(folder: string): boolean {
  for (let parent = folder; ; parent = path.dirname(parent)) {
    const manifest = path.join(parent, "package.json");
    if (existsSync(manifest)) return createRequire(manifest)(manifest).type === "module";
    if (parent === path.dirname(parent)) return false;
  }
}

const known = new Map<string, { modifiedAt: number; result: boolean }>();

/** Whether a TypeScript file is CommonJS by its text. It is read again only if it has changed. */
function hasCommonJsText(file: string): boolean {
  const modifiedAt = statSync(file).mtimeMs;
  const previous = known.get(file);
  if (previous?.modifiedAt === modifiedAt) return previous.result;
  const result = isCommonJsText(readFileSync(file, "utf8"));
  known.set(file, { modifiedAt, result });
  return result;
}

/**
 * Whether a local file is a CommonJS module: by its extension, by the nearest package.json, and for TypeScript, whose
 * `import` and `export` work in both kinds, by its text.
 */
export function isCommonJs(file: string): boolean {
  if (/\.c[jt]s$/.test(file)) return true;
  if (/\.m[jt]s$/.test(file) || isModulePackage(path.dirname(file))) return false;
  if (/\.tsx?$/.test(file)) return hasCommonJsText(file);
  return file.endsWith(".js");
}
