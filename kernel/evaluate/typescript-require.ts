import { readFileSync } from "node:fs";
import Module from "node:module";
import { isPackageSpecifier, packageName } from "../session/specifiers.ts";
import type { Script } from "../shared/thread-messages.ts";
import type { Exports } from "./commonjs-interop.ts";

/** The error for a missing package, with the line that installs it. */
function withInstallation(error: unknown, request: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "MODULE_NOT_FOUND" && isPackageSpecifier(request))
    (error as Error).message =
      `${message}\nTo install it, run !npm install ${packageName(request)} in a cell.`;
  return error;
}

/** What `require` needs to load TypeScript. */
export interface TypeScriptRequire {
  /** Compiles a file to CommonJS. */
  compile(source: string, file: string): Script;
  /** Called with each compiled file. */
  register(identifier: string, file: string, script: Script): void;
  /** See `ModuleLoader`. */
  localFile(specifier: string, parent: string): string | undefined;
  /** See `ModuleLoader`. */
  evaluated(file: string): Exports | undefined;
}

/** Internals of Node's `Module` that packages like ts-node rely on, too. */
interface NodeModule extends NodeJS.Module {
  _compile(code: string, file: string): void;
}
interface ModuleInternals {
  _extensions: Record<string, (module: NodeModule, file: string) => void>;
  _resolveFilename(request: string, parent: NodeJS.Module | undefined, ...rest: unknown[]): string;
}

const extensions = [".ts", ".tsx", ".cts", ".mts", ".jsx"];

/** The exports of an evaluated ES module, as CommonJS code compiled from `import` statements expects them. */
function interopExports(exports: Exports): Exports {
  const copy: Exports = Object.create(null, { __esModule: { value: true } });
  for (const name of Object.keys(exports))
    Object.defineProperty(copy, name, { enumerable: true, get: () => exports[name] });
  return copy;
}

/** Makes `require` load TypeScript and JSX, and find what the project's `paths` name. */
export function installTypeScriptRequire({
  compile,
  register,
  localFile,
  evaluated,
}: TypeScriptRequire): void {
  const internals = Module as unknown as ModuleInternals;
  const load = (module: NodeModule, file: string) => {
    const exports = evaluated(file);
    if (exports) {
      module.exports = interopExports(exports);
      return;
    }
    const script = compile(readFileSync(file, "utf8"), file);
    register(file, file, script);
    module._compile(script.code, file);
  };
  for (const extension of extensions) internals._extensions[extension] = load;

  const { _resolveFilename: resolveFilename } = internals;
  internals._resolveFilename = function (request, parent, ...rest) {
    try {
      return resolveFilename.call(this, request, parent, ...rest);
    } catch (error) {
      const from = parent?.filename ?? "";
      const isOwn = from !== "" && !/[\\/]node_modules[\\/]/.test(from);
      const file = isOwn ? localFile(request, from) : undefined;
      if (file === undefined) throw isOwn ? withInstallation(error, request) : error;
      return file;
    }
  };
}
