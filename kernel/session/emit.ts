import { createRequire } from "node:module";
import type { Message, TransformOptions } from "esbuild";

const require = createRequire(import.meta.url);

/** esbuild is loaded with the first cell: not before the kernel can answer. */
const esbuild = () => require("esbuild") as typeof import("esbuild");

/** An error of syntax, with its place in the source, line and column from 0. */
export interface SyntaxFault {
  text: string;
  line: number;
  column: number;
  length: number;
}

export type Emitted = { code: string; map: string } | { faults: SyntaxFault[] };

/** The compiler options that change what runs; all the others only change what is checked. */
export type EmitOptions = NonNullable<Exclude<TransformOptions["tsconfigRaw"], string>>;

const faultOf = ({ text, location }: Message): SyntaxFault => ({
  text: text.replace(/\.?$/, "."),
  line: (location?.line ?? 1) - 1,
  column: location?.column ?? 0,
  length: location?.length ?? 1,
});

/**
 * A module's TypeScript as JavaScript that this Node runs, with its source map. Imports stay, whether or not
 * they are used: a later cell may use them.
 */
export async function emit(source: string, name: string, tsconfig: EmitOptions = {}): Promise<Emitted> {
  const loader = /\.[cm]?js$/.test(name)
    ? "js"
    : name.endsWith(".jsx")
      ? "jsx"
      : name.endsWith(".tsx")
        ? "tsx"
        : "ts";
  const options: TransformOptions = {
    loader,
    format: "esm",
    platform: "node",
    target: `node${process.versions.node}`,
    sourcefile: name,
    sourcemap: "external",
    sourcesContent: false,
    treeShaking: false,
    charset: "utf8",
    logLevel: "silent",
    tsconfigRaw: { compilerOptions: { ...tsconfig.compilerOptions, verbatimModuleSyntax: true } },
  };
  const run = () => esbuild().transform(source, options);
  try {
    // A signal to the whole process group ends esbuild's service: the next call starts it again.
    const { code, map } = await run().catch((error) => (error.errors ? Promise.reject(error) : run()));
    return { code, map };
  } catch (error) {
    const { errors } = error as { errors?: Message[] };
    if (!errors) throw error;
    return { faults: errors.map(faultOf) };
  }
}
