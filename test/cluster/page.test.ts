import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseSiteFile } from "../../src/cluster/slurm-options.ts";
import { programmeStages, registered } from "../../src/experiments/programme.ts";
import { repositoryRoot } from "../../src/files/repository.ts";
import { temporaryFolder } from "../temporary.ts";

/* What the page about clusters shows is run, with a program that prints its arguments in place of Node. */

const page = readFileSync(path.join(repositoryRoot(), "src/cluster/README.md"), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, text = ""]) => text);
const seeds = new Set(programmeStages(registered, "laptop").map(({ setting }) => setting.seed));

/** What Bash prints, if `node` and `npx` print their arguments. */
function printed(script: string, env: Record<string, string> = {}): string {
  const folder = temporaryFolder("programs");
  for (const name of ["node", "npx"]) {
    writeFileSync(path.join(folder, name), '#!/bin/bash\necho "$@"\n');
    chmodSync(path.join(folder, name), 0o755);
  }
  const PATH = `${folder}:${process.env.PATH}`;
  return execFileSync("bash", ["-c", script], { encoding: "utf8", env: { ...process.env, ...env, PATH } });
}

test("the site's file is one that is accepted", () => {
  expect(parseSiteFile(blocks("yaml")[0]!, "slurm.yaml")).toMatchObject({
    partition: "gpu",
    "max-jobs": "50",
  });
});

test("each pod of the Indexed Job trains one registered seed, as the user of the image", () => {
  const { spec } = parse(blocks("yaml")[1]!);
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const trained = Array.from({ length: spec.completions }, (_, index) =>
    printed(container.command[2], { JOB_COMPLETION_INDEX: String(index) }),
  );
  for (const line of trained) {
    const seed = /^src\/bin\.mjs train --preset laptop --seed (\d+)\n$/.exec(line)?.[1];
    expect(seeds).toContain(Number(seed));
  }
  expect(new Set(trained).size).toBe(spec.completions);
  const image = readFileSync(path.join(repositoryRoot(), "Dockerfile"), "utf8");
  expect(image).toContain(`useradd --uid ${pod.securityContext.runAsUser} `);
  expect(image).toContain(`ENV ALLROADS_RUNS=${container.volumeMounts[0].mountPath}\n`);
});

test("the shell loop trains registered seeds", () => {
  const lines = printed(blocks("bash").at(-1)!).trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(seeds).toContain(Number(/--seed (\d+)$/.exec(line)?.[1]));
});
