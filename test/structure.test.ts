import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../src/files/repository.ts";

/* The structure of the repository, read from its source text. */

const ROOT = repositoryRoot();

/** Folders of src in layers: a file imports from its own layer's folder and from folders of lower layers. */
const LAYERS: readonly (readonly string[])[] = [
  ["files", "tensors"],
  ["hub", "text"],
  ["tasks"],
  ["models"],
  ["training"],
  ["evaluation"],
  ["judge"],
  ["pipeline"],
  ["results"],
  ["verdicts"],
  ["report"],
  ["experiments"],
  ["cluster"],
];
/**
 * Folders of the kernel in layers. `install` and `setup` share one: the published command reads its command line as those
 * of this repository do, which install the kernel as it does.
 */
const KERNEL_LAYERS: readonly (readonly string[])[] = [
  ["display"],
  ["shared"],
  ["session"],
  ["evaluate"],
  ["debug"],
  ["protocol"],
  ["install", "setup"],
  ["headless"],
  ["lab"],
  ["page", "templates", "types"],
];

/** Folders outside the layers, with all that they may import. */
const ASIDE: Readonly<Record<string, readonly string[]>> = { theory: ["tensors", "evaluation"] };

/** Test files without a module of their name: they test several modules or what is no module. */
const END_TO_END: readonly string[] = [
  "cluster/container",
  "cluster/page",
  "cluster/slurm",
  "kernel/commands",
  "kernel/display/figures",
  "kernel/display/tslab",
  "kernel/install/packages",
  "kernel/kernel-checking",
  "kernel/kernel-concurrency",
  "kernel/kernel-conformance",
  "kernel/kernel-debug",
  "kernel/kernel-display",
  "kernel/kernel-endings",
  "kernel/kernel-fuzz",
  "kernel/kernel-hostile-cells",
  "kernel/kernel-load",
  "kernel/kernel-magics",
  "kernel/kernel-offline",
  "kernel/kernel-projects",
  "kernel/kernel-protocol",
  "kernel/kernel-strangers",
  "kernel/kernel-streams",
  "kernel/kernel-typescript",
  "kernel/kernel-workspace",
  "kernel/lab-start",
  "kernel/pages/figures",
  "kernel/pages/hostile",
  "kernel/pages/reports",
  "kernel/paper.smoke",
  "kernel/papermill/papermill",
  "kernel/plain-jupyter",
  "kernel/session/magics",
  "kernel/templates/report",
  "pipeline/faults",
  "pipeline/mutations",
  "pipeline/reproduction",
  "promises",
  "reading-size",
  "report/palette",
  "results/choices",
  "structure",
  "theory/claims",
  "verdicts/ledger-verdicts",
  "workflows",
];

/** The script files below a folder that are written by hand, relative to the repository, with forward slashes. */
function scripts(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const below = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ["node_modules", "dist"].includes(entry.name) ? [] : scripts(below);
    return /\.[cm]?[jt]s$/.test(entry.name) ? [below] : [];
  });
}

const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");

const sources = scripts("src");
const kernel = scripts("kernel");
const tests = scripts("test");

/** What a file imports, types and dynamic imports included: files relative to the repository, and names of packages. */
function importsOf(file: string): string[] {
  const code = read(file).replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const statements = code.matchAll(/\b(?:from|import|import\(|require\()\s*"([^"]+)"/g);
  const names = [...statements].flatMap(([, name]) => name ?? []);
  return names.map((name) => (name.startsWith(".") ? path.posix.join(path.posix.dirname(file), name) : name));
}

/** The folder of src or of the kernel that holds a file; "" for the files at its top. */
const folderOf = (file: string) => (file.split("/").length > 2 ? String(file.split("/")[1]) : "");

/** The folders that files of a folder of src may import from; undefined if all. */
function mayImport(folder: string): readonly string[] | undefined {
  const aside = ASIDE[folder];
  if (aside !== undefined) return [folder, ...aside];
  const layer = LAYERS.findIndex((folders) => folders.includes(folder));
  if (layer < 0) return undefined;
  const theory = ["report", "experiments"].includes(folder) ? Object.keys(ASIDE) : [];
  return [folder, ...LAYERS.slice(0, layer).flat(), ...theory];
}

/** The folders of the kernel that files of one of its folders may import from; undefined if all. */
function kernelMayImport(folder: string): readonly string[] | undefined {
  const layer = KERNEL_LAYERS.findIndex((folders) => folders.includes(folder));
  return layer < 0 ? undefined : KERNEL_LAYERS.slice(0, layer + 1).flat();
}

/** The files of every circle of imports, one circle in a list. */
function circles(files: readonly string[]): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, chain: readonly string[]) => {
    const start = chain.indexOf(file);
    if (start >= 0) found.push([...chain.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const next of importsOf(file)) if (files.includes(next)) visit(next, [...chain, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return found;
}

/** The exports of a file that have no doc comment, as "file: name". Overloads need only the first. */
function undocumented(file: string): string[] {
  const lines = read(file).split("\n");
  const seen = new Set<string>();
  return lines.flatMap((line, index) => {
    const declared =
      /^export (?:declare |abstract |async |default )*(?:function\*?|type|interface|const|let|class|enum) (\w+)/;
    const name = declared.exec(line)?.[1];
    if (name === undefined || seen.has(name)) return [];
    seen.add(name);
    const before = lines[index - 1]?.trim() ?? "";
    const opening = lines.slice(0, index).findLast((one) => one.trim().startsWith("/*"));
    return before.endsWith("*/") && opening?.trim().startsWith("/**") ? [] : [`${file}: ${name}`];
  });
}

describe("imports", () => {
  test("every folder of src has a layer", () => {
    const known = new Set(["", ...LAYERS.flat(), ...Object.keys(ASIDE)]);
    expect(sources.filter((file) => !known.has(folderOf(file)))).toEqual([]);
  });

  test("files of src import only from their own folder and from lower layers", () => {
    const wrong = sources.flatMap((file) => {
      const allowed = mayImport(folderOf(file));
      const imports = importsOf(file).filter((name) => name.startsWith("src/"));
      return imports
        .filter((name) => allowed?.includes(folderOf(name)) === false)
        .map((name) => `${file} imports ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  test("no files of src import each other in a circle", () => {
    expect(circles(sources).map((circle) => circle.join(" > "))).toEqual([]);
  });

  test("every folder of the kernel has a layer, and its files import only from that and lower ones", () => {
    const known = new Set(["", ...KERNEL_LAYERS.flat()]);
    expect(kernel.filter((file) => !known.has(folderOf(file)))).toEqual([]);
    const wrong = kernel.flatMap((file) => {
      const allowed = kernelMayImport(folderOf(file));
      const imports = importsOf(file).filter((name) => name.startsWith("kernel/"));
      return imports
        .filter((name) => allowed?.includes(folderOf(name)) === false)
        .map((name) => `${file} imports ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  test("no files of the kernel import each other in a circle", () => {
    expect(circles(kernel).map((circle) => circle.join(" > "))).toEqual([]);
  });

  test("src imports nothing of the kernel or the notebooks, and the kernel nothing of src", () => {
    const importing = (files: readonly string[], banned: RegExp) =>
      files.flatMap((file) =>
        importsOf(file)
          .filter((name) => banned.test(name))
          .map((name) => `${file} imports ${name}`),
      );
    expect(importing(sources, /^(kernel|notebooks|test|allroads-kernel)(\/|$)/)).toEqual([]);
    expect(importing(kernel, /^(src|notebooks|test|allroads)(\/|$)/)).toEqual([]);
  });
});

describe("files", () => {
  test("every export of src has a doc comment", () => {
    expect(sources.flatMap(undocumented)).toEqual([]);
  });

  test("script files are named in kebab case", () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.[cm]?[jt]s$/;
    const files = [...sources, ...kernel, ...tests];
    expect(files.filter((file) => !kebab.test(path.posix.basename(file)))).toEqual([]);
  });

  test("test/a/b.test.ts tests src/a/b.ts; those of the kernel and the examples mirror kernel/ and notebooks/", () => {
    const tested = tests
      .filter((file) => file.endsWith(".test.ts") && !file.startsWith("test/bench/"))
      .map((file) => file.slice("test/".length, -".test.ts".length));
    const isModule = (name: string) =>
      ["ts", "mjs", "py"].some((extension) => existsSync(path.join(ROOT, `${name}.${extension}`)));
    const hasModule = (name: string) => isModule(/^(kernel|notebooks)\//.test(name) ? name : `src/${name}`);
    expect(tested.filter((name) => !hasModule(name))).toEqual(END_TO_END);
  });

  test("tests are written with test(), not it()", () => {
    expect(tests.filter((file) => /^\s*it(\.\w+)*\(/m.test(read(file)))).toEqual([]);
  });
});

/** A cell of a notebook file. */
interface Cell {
  cell_type: string;
  metadata: { tags?: string[] };
  source: string | string[];
}

const notebookFiles = () =>
  readdirSync(path.join(ROOT, "notebooks")).filter((name) => name.endsWith(".ipynb"));
const cellsOf = (name: string): Cell[] => JSON.parse(read(`notebooks/${name}`)).cells;
const isParameters = ({ metadata }: Cell) => metadata.tags?.includes("parameters") === true;

/** Shows committed results at every preset. */
const READS_ONLY = "16-earlier-registrations.ipynb";

test("every notebook that can train has the parameter `preset`, and runs at it", () => {
  for (const name of notebookFiles().filter((one) => one !== READS_ONLY)) {
    const code = cellsOf(name).filter(({ cell_type }) => cell_type === "code");
    const [first, ...others] = code.map((cell) => [cell.source].flat().join(""));
    expect([name, code.map(isParameters)]).toEqual([name, [true, ...others.map(() => false)]]);
    expect([name, first]).toEqual([name, expect.stringMatching(/^let preset = /m)]);
    const text = others.join("\n");
    const opened = text.match(/\bopenExperiment\(\s*"/g) ?? [];
    // On tslab, a variable of another cell cannot be a shorthand property.
    const passed = text.match(/, \{ preset: preset \}\)/g) ?? [];
    expect([name, passed.length]).toEqual([name, opened.length]);
    expect([name, text.match(/\bnotebookPreset\((?!preset\))/g)]).toEqual([name, null]);
    expect([name, opened.length > 0 || text.includes("notebookPreset(preset)")]).toEqual([name, true]);
  }
});

/** The theory has more to define. */
const WORDIER = "00-theory.ipynb";

test("a notebook's text has at most 900 words, tables apart", () => {
  for (const name of notebookFiles().filter((one) => one !== WORDIER)) {
    const texts = cellsOf(name)
      .filter(({ cell_type }) => cell_type === "markdown")
      .map(({ source }) => [source].flat().join(""));
    const words = texts
      .join("\n")
      .replace(/^\|.*$/gm, "")
      .split(/\s+/);
    expect(words.length, name).toBeLessThanOrEqual(900);
  }
});

test("fewer than 60 lines of code repeat what stands in five or more notebooks", () => {
  const occurrences = new Map<string, string[]>();
  for (const name of notebookFiles()) {
    const code = cellsOf(name)
      .filter((cell) => cell.cell_type === "code" && !isParameters(cell))
      .map(({ source }) => [source].flat().join(""));
    for (const line of code.flatMap((text) => text.split("\n")).map((text) => text.trim()))
      if (/[a-z]/i.test(line) && !line.startsWith("//"))
        occurrences.set(line, [...(occurrences.get(line) ?? []), name]);
  }
  const repeated = [...occurrences].filter(([, names]) => new Set(names).size >= 5);
  const count = repeated.reduce((sum, [, names]) => sum + names.length, 0);
  const listed = repeated.map(([line, names]) => `${names.length} times: ${line}`);
  expect(count, listed.join("\n")).toBeLessThan(60);
});
