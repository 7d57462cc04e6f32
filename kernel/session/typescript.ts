import { createRequire } from "node:module";
import path from "node:path";
import type { Project } from "./config.ts";
import { startServer } from "./lsp.ts";
import { type CellProgram, openProgram } from "./program.ts";
import { openShelf } from "./shelf.ts";

const require = createRequire(import.meta.url);

/** The version of TypeScript that checks cells. */
export const { version: typescriptVersion } = require("typescript/package.json") as { version: string };

/** The native compiler, which TypeScript's package keeps in one package for each platform. */
function compiler(): string {
  const system = `${process.platform}-${process.arch}`;
  const from = createRequire(require.resolve("typescript/package.json"));
  let manifest: string;
  try {
    manifest = from.resolve(`@typescript/typescript-${system}/package.json`);
  } catch {
    throw new Error(`TypeScript's compiler for ${system} is not installed: install the packages again.`);
  }
  return path.join(path.dirname(manifest), "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
}

/** The checker is not to fetch types of packages by itself: nothing is installed that nobody asked for. */
const settings = { "js/ts": { tsserver: { automaticTypeAcquisition: { enabled: false } } } };

/** The type checker of a notebook's folder. Its questions are rejected where there is none for this platform. */
export const openCheckedProgram = (folder: string, project: Project): CellProgram =>
  openProgram(
    () => startServer(compiler(), ["--lsp", "--stdio"], folder, settings),
    folder,
    project,
    openShelf(),
  );
