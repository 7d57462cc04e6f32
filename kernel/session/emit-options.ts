import type { TransformOptions } from "esbuild";
import type { Project } from "./project.ts";

/** The compiler options that affect the emitted code. */
export type EmitOptions = NonNullable<
  Exclude<NonNullable<TransformOptions["tsconfigRaw"]>, string>["compilerOptions"]
>;

/** How cells and modules compile JSX: as the project does, or where it leaves this to another tool, with `jsx()`. */
export const jsxOption = (projectOption: string | undefined): "react" | "react-jsx" =>
  projectOption?.toLowerCase() === "react" ? "react" : "react-jsx";

const names = [
  "experimentalDecorators",
  "useDefineForClassFields",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "target",
  "preserveValueImports",
  "verbatimModuleSyntax",
] as const;

/** The options of a project that affect the emitted code. */
export function emitOptionsOf({ config }: Project): EmitOptions {
  const { compilerOptions = {} } = config;
  const options = names
    .filter((name) => name in compilerOptions)
    .map((name) => [name, compilerOptions[name]]);
  return { ...Object.fromEntries(options), jsx: jsxOption(compilerOptions.jsx) };
}
