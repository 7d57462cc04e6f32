import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach } from "vitest";
import { pathsBelow } from "../../../kernel/setup/paths.mjs";

/** A new temporary folder for each test of the file, with a space in its name. */
export function useTemporaryFolder() {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "set up "));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  return {
    at: (...parts: string[]) => path.join(folder, ...parts),
    /** Writes a file and creates its folder. */
    put(name: string, text: string): void {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
    /** The context of a set-up step in this folder. */
    context: () => ({ paths: pathsBelow(folder), device: "cpu" as const, progress: () => {} }),
  };
}
