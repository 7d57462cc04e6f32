import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { paths } from "../../../kernel/setup/paths.mjs";
import { installerPython } from "../../../kernel/setup/pip.mjs";

/** Whether set-up has made the environment of pip, which the tests of downloads use. */
export const hasPip = existsSync(installerPython(paths));

const SCRIPT = `
import json, sys, zipfile
file, files = sys.argv[1], json.loads(sys.argv[2])
with zipfile.ZipFile(file, "w") as archive:
    for name, content in files.items():
        archive.writestr(name, content)
`;

/**
 * Writes a wheel with the given files into a folder.
 *
 * @returns its path and its SHA-256
 */
export function writeWheel(folder: string, name: string, files: Record<string, string>) {
  const [project, version, ...tags] = name.replace(/\.whl$/, "").split("-");
  const info = `${project}-${version}.dist-info`;
  const all = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${project}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: ${tags.join("-")}\n`,
    [`${info}/RECORD`]: [...Object.keys(files), `${info}/METADATA`, `${info}/WHEEL`, `${info}/RECORD`]
      .map((file) => `${file},,\n`)
      .join(""),
  };
  const file = path.join(folder, name);
  const args = ["-c", SCRIPT, file, JSON.stringify(all)];
  const { status, stderr } = spawnSync(installerPython(paths), args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return { file, hash: fileHash(file) };
}

/** The SHA-256 of a file, hexadecimal. */
export const fileHash = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
