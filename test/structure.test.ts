import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../src/files/repository.ts";

/* The structure of the repository, read from its source text. */

const ROOT = repositoryRoot();

/** Folders of src in layers: a file imports from its own layer's folder and from folders of lower layers. */
const LAYERS: readonly (readonly string[])[] = [
  ["files", "tensors"],
  ["text"],
  ["tasks"],
  ["models"],
  ["training"],
  ["evaluation"],
  ["pipeline"],
  ["results"],
  ["verdicts"],
  ["report"],
  ["experiments"],
];
/** Folders outside the layers, with all that they may import. */
const ASIDE: Readonly<Record<string, readonly string[]>> = { theory: ["files", "tensors", "evaluation"] };

/** Test files that test more than one module: they have no module of their name. */
const END_TO_END = [
  "test/pipeline/reproduction.test.ts",
  "test/results/choices.test.ts",
  "test/theory/claims.test.ts",
  "test/verdicts/ledger-verdicts.test.ts",
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

/** The relative imports of a file, those of types and dynamic ones included, relative to the repository. */
function importsOf(file: string): string[] {
  const code = read(file).replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const names = [...code.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*"(\.[^"]+)"/g)];
  return names.map(([, name]) => path.posix.join(path.posix.dirname(file), String(name)));
}

/** The folder of src that holds a file; "" for the files at its top. */
const folderOf = (file: string) => (file.split("/").length > 2 ? String(file.split("/")[1]) : "");

/** What a file of a folder of src may import; undefined if everything. */
function mayImport(folder: string): readonly string[] | undefined {
  if (folder === "") return undefined;
  if (folder in ASIDE) return [folder, ...ASIDE[folder]!];
  const layer = LAYERS.findIndex((folders) => folders.includes(folder));
  const aside = folder === "report" || folder === "experiments" ? Object.keys(ASIDE) : [];
  return [folder, ...LAYERS.slice(0, Math.max(layer, 0)).flat(), ...aside];
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

  test("src imports nothing from outside of src, the kernel nothing from outside of kernel", () => {
    const leaving = (files: readonly string[], folder: string) =>
      files.flatMap((file) =>
        importsOf(file)
          .filter((name) => !name.startsWith(`${folder}/`))
          .map((name) => `${file} imports ${name}`),
      );
    expect([...leaving(sources, "src"), ...leaving(kernel, "kernel")]).toEqual([]);
    const naming = (files: readonly string[], name: string) =>
      files.filter((file) => new RegExp(`(from|import|require\\() *"${name}[/"]`).test(read(file)));
    expect(naming(sources, "allroads-kernel")).toEqual([]);
    expect(naming(kernel, "allroads")).toEqual([]);
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

  test("a test lies where its module lies", () => {
    const moved = tests.filter((file) => {
      if (!file.endsWith(".test.ts") || END_TO_END.includes(file)) return false;
      const name = file.slice("test/".length, -".test.ts".length);
      const places = name.startsWith("kernel/")
        ? [name]
        : name.startsWith("bench/")
          ? [`test/${name}`]
          : [`src/${name}`];
      const all = [...sources, ...kernel, ...tests];
      return !places.some((place) =>
        all.some((one) => one !== file && one.replace(/\.[cm]?[jt]s$/, "") === place),
      );
    });
    expect(moved).toEqual([]);
  });

  test("tests are written with test(), not it()", () => {
    expect(tests.filter((file) => /^\s*it(\.\w+)*\(/m.test(read(file)))).toEqual([]);
  });
});

test("notebooks share fewer than 60 lines of code", () => {
  const notebooks = readdirSync(path.join(ROOT, "notebooks")).filter((name) => name.endsWith(".ipynb"));
  const counts = new Map<string, number>();
  for (const name of notebooks) {
    const { cells } = JSON.parse(read(`notebooks/${name}`)) as {
      cells: { cell_type: string; source: string | string[] }[];
    };
    const code = cells
      .filter(({ cell_type }) => cell_type === "code")
      .map(({ source }) => [source].flat().join(""));
    const lines = code.flatMap((text) => text.split("\n")).map((line) => line.trim());
    for (const line of new Set(lines.filter((one) => /[a-z]/i.test(one) && !one.startsWith("//"))))
      counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const shared = [...counts].filter(([, count]) => count >= 5).map(([line]) => line);
  expect(shared.length, shared.join("\n")).toBeLessThan(60);
});
