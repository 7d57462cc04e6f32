import { createRequire } from "node:module";
import type { Message, TransformOptions } from "esbuild";
import type { EmitOptions } from "./emit-options.ts";

const require = createRequire(import.meta.url);

/** Loads esbuild on first use, so that it does not delay the kernel's first reply. */
const esbuild = () => require("esbuild") as typeof import("esbuild");

/** An error at a position of a source text. Line and column count from 0. */
export interface SourceError {
  message: string;
  line: number;
  column: number;
  length: number;
}

/** JavaScript with its source map, or the syntax errors of the source. */
export type EmitResult = { code: string; map: string } | { errors: [SourceError, ...SourceError[]] };

const sourceError = ({ text, location }: Message): SourceError => ({
  message: text.replace(/\.?$/, "."),
  line: (location?.line ?? 1) - 1,
  column: location?.column ?? 0,
  length: location?.length ?? 1,
});

function loaderOf(name: string): "js" | "jsx" | "tsx" | "ts" {
  if (/\.[cm]?js$/.test(name)) return "js";
  if (name.endsWith(".jsx")) return "jsx";
  return name.endsWith(".tsx") ? "tsx" : "ts";
}

/** Compiles TypeScript or JSX to JavaScript for the running Node. The extension of `name` selects the language. */
export async function emit(
  source: string,
  name: string,
  compilerOptions: EmitOptions = {},
  format: "esm" | "cjs" = "esm",
): Promise<EmitResult> {
  const options: TransformOptions = {
    loader: loaderOf(name),
    format,
    platform: "node",
    target: `node${process.versions.node}`,
    sourcefile: name,
    sourcemap: "external",
    sourcesContent: false,
    treeShaking: false,
    charset: "utf8",
    logLevel: "silent",
    tsconfigRaw: { compilerOptions },
  };
  const transform = () => esbuild().transform(source, options);
  try {
    // A signal to the process group kills esbuild's service. A second call restarts it.
    const { code, map } = await transform().catch((error) =>
      error.errors ? Promise.reject(error) : transform(),
    );
    return { code, map };
  } catch (error) {
    const [first, ...rest] = (error as { errors?: Message[] }).errors ?? [];
    if (!first) throw error;
    return { errors: [sourceError(first), ...rest.map(sourceError)] };
  }
}
