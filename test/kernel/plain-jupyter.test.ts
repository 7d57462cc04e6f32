import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jupyterEnvironment } from "../../kernel/setup/jupyter-environment.mjs";
import { paths } from "../../kernel/setup/paths.mjs";

/** A notebook that trains nothing. */
const NOTEBOOK = "00-theory";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plain jupyter "));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program of Jupyter's in the folder of the notebooks, without variables of this project but those given. */
function python(args: string[], variables: Record<string, string> = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(ALLROADS_|VITEST|NODE_ENV)/.test(name),
  );
  const env = {
    ...jupyterEnvironment(Object.fromEntries(inherited)),
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
    ...variables,
  };
  const run = spawnSync(paths.python, ["-m", ...args], { cwd: paths.notebooks, env, encoding: "utf8" });
  expect(run.status, run.stderr).toBe(0);
}

interface Output {
  name?: string;
  data?: Record<string, string | string[]>;
}

test.each(["allroads", "tslab"])(
  "papermill runs a notebook at the preset that it is given, on %s",
  (kernel) => {
    const executed = join(folder, `${kernel}.ipynb`);
    const given = ["-k", kernel, "-p", "preset", "smoke", "--no-progress-bar"];
    python(["papermill", `${NOTEBOOK}.ipynb`, executed, ...given]);
    const { cells } = JSON.parse(readFileSync(executed, "utf8"));
    const outputs: Output[] = cells.flatMap((cell: { outputs?: Output[] }) => cell.outputs ?? []);
    expect(outputs.filter(({ name }) => name === "stderr")).toEqual([]);
    const texts = outputs.map(({ data = {} }) => [data["text/markdown"] ?? ""].flat().join(""));
    expect(texts.filter((text) => text.includes("Preset **smoke**")).length).toBeGreaterThan(0);
  },
  600_000,
);

test("nbconvert executes a notebook on tslab and shows its charts in HTML", () => {
  const options = ["--ExecutePreprocessor.kernel_name=tslab", "--output-dir", folder];
  const preset = { ALLROADS_PRESET: "smoke" };
  python(["nbconvert", "--execute", "--to", "html", ...options, `${NOTEBOOK}.ipynb`], preset);
  const html = readFileSync(join(folder, `${NOTEBOOK}.html`), "utf8");
  const shown = (type: string) => html.split(`data-mime-type="${type}"`).length - 1;
  expect(html).toContain("Preset <strong>smoke</strong>");
  expect(shown("image/svg+xml")).toBeGreaterThan(0);
  expect(shown("application/vnd.jupyter.stderr")).toBe(0);
}, 600_000);
