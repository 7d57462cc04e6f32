import { createRequire } from "node:module";
import path from "node:path";
import { log } from "../protocol/process.ts";
import type { Project } from "./config.ts";
import { startServer } from "./lsp.ts";
import { type CellProgram, openProgram } from "./program.ts";

const require = createRequire(import.meta.url);

/** The version of TypeScript that checks cells. */
export const { version: typescriptVersion } = require("typescript/package.json") as { version: string };

/** The native compiler, which TypeScript's package keeps in one package for each platform. */
function compiler(): string {
  const name = `@typescript/typescript-${process.platform}-${process.arch}`;
  const manifest = createRequire(require.resolve("typescript/package.json")).resolve(`${name}/package.json`);
  return path.join(path.dirname(manifest), "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
}

/** Starts the type checker on a notebook's folder; undefined where there is none for this platform. */
export async function openCheckedProgram(
  folder: string,
  project: Project,
): Promise<(CellProgram & { close(): void }) | undefined> {
  try {
    const server = startServer(compiler(), ["--lsp", "--stdio"], folder);
    const program = await openProgram(server, folder, project);
    return { ...program, close: () => server.end() };
  } catch (error) {
    log(`Cells are not type-checked: ${(error as Error).message}`);
    return undefined;
  }
}
