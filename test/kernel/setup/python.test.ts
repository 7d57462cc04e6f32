import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { paths as own, pathsBelow } from "../../../kernel/setup/paths.mjs";
import { readPins, requirementsText } from "../../../kernel/setup/pins.mjs";
import { installerPython } from "../../../kernel/setup/pip.mjs";
import { buildPapermill, jupyter, PAPERMILL } from "../../../kernel/setup/python.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";
import { fileHash, hasPip, writeWheel } from "./wheels.ts";

const folder = useTemporaryFolder();

test("packages are not ready in an environment that was made elsewhere or without their pins", () => {
  const context = folder.context();
  folder.put(".venv/bin/python", "");
  expect(jupyter.ready(context)).toBe(false);
  folder.put(".venv/.allroads.json", JSON.stringify({ place: context.paths.venv }));
  expect(jupyter.ready(context)).toBe(false);
});

describe.skipIf(!hasPip)("with pip", () => {
  const papermill = readPins(own.requirements).filter(({ name }) => name === PAPERMILL);
  const root = mkdtempSync(path.join(os.tmpdir(), "set up python "));
  const at = (...parts: string[]) => path.join(root, ...parts);
  const context = { paths: pathsBelow(root), device: "cpu" as const, progress: () => {} };

  /** Pins the package "tiny" with this hash. */
  const pin = (version: string, hash: string) =>
    writeFileSync(
      context.paths.requirements,
      requirementsText([{ name: "tiny", version, hashes: [hash] }, ...papermill]),
    );

  /** Puts a wheel of "tiny" into the index, and pins it. Returns the wheel's path. */
  function pinWheel(version: string, files: Record<string, string> = {}): string {
    const { file, hash } = writeWheel(at("index"), `tiny-${version}-py3-none-any.whl`, {
      "tiny.py": `version = "${version}"\n`,
      ...files,
    });
    pin(version, hash);
    return file;
  }

  /** Runs the step, and returns the message of its failure. */
  const run = () =>
    jupyter.run(context).then(
      () => "",
      (error: Error) => error.message,
    );

  /** Expects the environment with this version, and nothing that an interrupted step would leave. */
  function expectInstalled(version: string): void {
    const args = ["-c", "import tiny; print(tiny.version)"];
    expect(spawnSync(context.paths.python, args, { encoding: "utf8" }).stdout.trim()).toBe(version);
    expect(readdirSync(root).filter((name) => name.startsWith(".venv"))).toEqual([".venv"]);
    expect(existsSync(context.paths.scratch) ? readdirSync(context.paths.scratch) : []).toEqual([]);
  }

  beforeAll(async () => {
    for (const name of ["index", ".allroads", "kernel"]) mkdirSync(at(name));
    symlinkSync(own.installer, context.paths.installer);
    cpSync(own.papermill, context.paths.papermill, { recursive: true });
    writeFileSync(at("constraints.txt"), "tiny<1.0\n");
    writeFileSync(at("pip.conf"), `[global]\nconstraint = ${pathToFileURL(at("constraints.txt")).href}\n`);
  });
  afterAll(() => rmSync(root, { recursive: true }));
  beforeEach(async () => {
    vi.stubEnv("PIP_NO_INDEX", "1");
    vi.stubEnv("PIP_FIND_LINKS", pathToFileURL(at("index")).href);
    // What follows contradicts the pins.
    vi.stubEnv("PIP_CONFIG_FILE", at("pip.conf"));
    vi.stubEnv("PIP_TARGET", at("target"));
    vi.stubEnv("PIP_NO_BINARY", ":all:");
    if (existsSync(context.paths.venv)) return;
    pinWheel("1.0");
    expect(await run()).toBe("");
  });
  afterEach(() => vi.unstubAllEnvs());

  test("the pinned wheels are installed whatever else pip is configured to do", () => {
    expectInstalled("1.0");
    expect(jupyter.ready(context)).toBe(true);
    expect(existsSync(at("target"))).toBe(false);
  });

  test("a changed or cut wheel is refused with one sentence, and the installed packages stay", async () => {
    const file = pinWheel("2.0");
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.with(60, (bytes[60] ?? 0) ^ 1));
    expect(await run()).toMatch(
      /^Downloading Jupyter failed: tiny==2\.0 does not have the SHA-256 that is pinned for it, so it was refused and nothing was changed; [^\n.]*\.$/,
    );
    expectInstalled("1.0");
    writeFileSync(file, bytes.subarray(0, -10));
    expect(await run()).toMatch(/^Downloading Jupyter failed[^\n]*\.$/);
    expectInstalled("1.0");
  });

  test("without a package the step fails with one sentence, and the installed packages stay", async () => {
    pin("3.0", "0".repeat(64));
    expect(await run()).toMatch(/^Downloading Jupyter failed \([^\n]*tiny==3\.0[^\n]*\): see [^\n]*\.$/);
    expectInstalled("1.0");
  });

  test("a source package is not built, even if its SHA-256 is pinned", async () => {
    mkdirSync(at("tiny-7.0"));
    writeFileSync(at("tiny-7.0", "PKG-INFO"), "Metadata-Version: 2.1\nName: tiny\nVersion: 7.0\n");
    const file = at("index", "tiny-7.0.tar.gz");
    expect(spawnSync("tar", ["-czf", file, "-C", root, "tiny-7.0"]).status).toBe(0);
    pin("7.0", fileHash(file));
    expect(await run()).toMatch(
      /^Downloading Jupyter failed \(.*No matching distribution found for tiny==7\.0/,
    );
    expectInstalled("1.0");
  });

  test("if the installation fails, the old environment is put back", async () => {
    pinWheel("4.0", { "../../outside": "" });
    expect(await run()).toMatch(/^Installing Jupyter failed[^\n]*\.$/);
    expectInstalled("1.0");
  });

  test("changed sources of the papermill package are refused", async () => {
    pinWheel("5.0");
    const source = path.join(context.paths.papermill, "allroads_papermill.py");
    const text = readFileSync(source);
    appendFileSync(source, "# changed\n");
    expect(await run()).toMatch(
      /papermill has been changed since its SHA-256 was written into [^\n]*: undo the change or run npm run pin/,
    );
    writeFileSync(source, text);
    expectInstalled("1.0");
  });

  test("the papermill package of this repository has the pinned SHA-256", async () => {
    const sources = { papermill: own.papermill, log: at("log") };
    const wheel = await buildPapermill(folder.at(), installerPython(own), sources);
    expect(papermill.map(({ hashes }) => hashes)).toEqual([[fileHash(wheel)]]);
  });

  test("new pins replace the environment with all that is in it", async () => {
    writeFileSync(path.join(context.paths.venv, "left-over"), "");
    pinWheel("6.0");
    expect(jupyter.ready(context)).toBe(false);
    expect(await run()).toBe("");
    expectInstalled("6.0");
    expect(existsSync(path.join(context.paths.venv, "left-over"))).toBe(false);
  });
});
