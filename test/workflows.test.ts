import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { repositoryRoot } from "../src/files/repository.ts";

const read = (...file: string[]) => readFileSync(path.join(repositoryRoot(), ...file), "utf8");

const folder = path.join(".github", "workflows");
const workflows = readdirSync(path.join(repositoryRoot(), folder)).map((name) => ({
  name,
  text: read(folder, name),
}));

let parser: typeof import("@actions/workflow-parser");

/** Loads GitHub's parser, bundled: it imports JSON as Node does only with an attribute. */
beforeAll(async () => {
  const bundled = mkdtempSync(path.join(os.tmpdir(), "workflows "));
  try {
    const outfile = path.join(bundled, "parser.mjs");
    const contents = 'export * from "@actions/workflow-parser";';
    const stdin = { contents, resolveDir: repositoryRoot() };
    await build({ stdin, outfile, bundle: true, format: "esm", platform: "node", logLevel: "silent" });
    parser = await import(outfile);
  } finally {
    rmSync(bundled, { recursive: true });
  }
});

/** What the schema of GitHub's workflows says against a text. */
function faults(name: string, content: string): string[] {
  const { context } = parser.parseWorkflow({ name, content }, new parser.NoOperationTraceWriter());
  return context.errors.getErrors().map(({ message }) => message);
}

interface Step {
  readonly run?: string;
  readonly uses?: string;
}
const steps = workflows.flatMap(({ text }) => {
  const { jobs } = parse(text) as { jobs: Record<string, { steps: Step[] }> };
  return Object.values(jobs).flatMap((job) => job.steps);
});

/** Every command of the workflows and of the development container, with the file that runs it here and how. */
const RUN_BY: Readonly<Record<string, readonly [file: string, how: RegExp]>> = {
  "npm run setup": ["kernel/test.mjs", /await setUp\(\)/],
  "npm test": [".ci/run", /^npm test$/m],
  "npm run paper -- --from-ledger": ["test/kernel/site.test.ts", /run\("paper", "--", "--from-ledger"/],
  "npm run site": ["test/kernel/site.test.ts", /run\("site", "--"/],
  "npm run paper -- --preset smoke": [
    "test/kernel/paper.smoke.test.ts",
    /\["run", "paper", "--", "--preset", "smoke"/,
  ],
};

describe("workflows", () => {
  test.each(workflows)("$name follows the schema of GitHub's workflows", ({ name, text }) => {
    expect(faults(name, text)).toEqual([]);
    const broken = text.replace("runs-on:", "runs-at:");
    expect(faults(name, broken).join()).toMatch(/runs-at/);
  });

  test("publish the reports, and run the smoke preset on every push", () => {
    const triggers = Object.fromEntries(workflows.map(({ name, text }) => [name, parse(text).on]));
    expect(triggers["reports.yml"].push).toEqual({ branches: ["main"] });
    expect(triggers["smoke.yml"]).toHaveProperty("push", null);
    expect(workflows.map(({ text }) => text).join()).toMatch(/deploy-pages@[\s\S]*publish_branch: notebooks/);
  });

  test("take actions by their commit", () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(5);
    expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });

  test("run only commands that are run here, and the container sets up by one of them", () => {
    const { onCreateCommand } = JSON.parse(read(".devcontainer", "devcontainer.json"));
    const commands = new Set([...steps.flatMap(({ run }) => run ?? []), onCreateCommand]);
    expect([...commands].sort()).toEqual(Object.keys(RUN_BY).sort());
    const { scripts } = JSON.parse(read("package.json"));
    for (const [command, [file, how]] of Object.entries(RUN_BY)) {
      expect(scripts).toHaveProperty(command.split(" ").slice(0, 3).at(-1) ?? "");
      expect(read(file), command).toMatch(how);
    }
  });

  test("use versions of Node that the packages take, and the container has what set-up needs", () => {
    const versions = workflows.flatMap(({ text }) => [...text.matchAll(/node(?:-version)?: (.*)/g)]);
    const own = versions.map(([, given]) => given).filter((given) => !given?.includes("matrix."));
    expect(own).toEqual(["22", '["20.19", "22", "24"]']);
    const container = read(".devcontainer", "Dockerfile");
    expect(container).toMatch(/^FROM node:22-/);
    for (const name of ["g++", "python3-venv", "chromium"]) expect(container).toContain(` ${name}`);
  });
});
