import type { ModuleFormat, Script } from "../shared/thread-messages.ts";
import { addDecoratorMetadata } from "./decorator-metadata.ts";
import { emit } from "./emit.ts";
import { emitOptionsOf } from "./emit-options.ts";
import type { Project } from "./project.ts";
import { rewriteModule } from "./rewrite.ts";

/** Compiles a local module. `error` has the first syntax error with its location. */
export type CompileModule = (
  source: string,
  file: string,
  format: ModuleFormat,
) => Promise<Script | { error: string }>;

/** Creates the compiler of modules, each of which is compiled with the options of its own project. */
export function moduleCompiler(projectOf: (file: string) => Project): CompileModule {
  return async (source, file, format) => {
    const project = projectOf(file);
    const options = emitOptionsOf(project);
    const { text, typeNames } = addDecoratorMetadata(source, file, project);
    const emitted = await emit(text, file, options, format);
    if ("errors" in emitted) {
      const [{ line, column, message }] = emitted.errors;
      return { error: `${file}:${line + 1}:${column + 1}: ${message}` };
    }
    const { code, map } = emitted;
    if (format === "cjs") return { code, emitted: code, map, segments: [[0, 0, code.length]] };
    const isChecked = /\.[cm]?tsx?$/.test(file) && !options.verbatimModuleSyntax;
    return { ...rewriteModule(code, isChecked ? typeNames : undefined), emitted: code, map };
  };
}
