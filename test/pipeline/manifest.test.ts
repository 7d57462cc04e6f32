import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { problems } from "../../src/pipeline/inventory.ts";
import { idOf } from "../../src/pipeline/stage.ts";
import { stageId } from "../../src/pipeline/stage-id.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { temporaryFolder } from "../temporary.ts";
import { tinyConfig } from "../tiny-config.ts";

const { sft: stage } = laboratory(tinyConfig, 3);
const id = stageId(stage);
const provenance = { device: "", tensorflow: "", node: "", seconds: 1, finished: "", code: "" };

describe("a stage's manifest", () => {
  let folder: string;
  let file: string;
  let intact: Buffer;
  beforeEach(() => {
    ({ folder } = openStore(temporaryFolder("manifest")));
    openStore(folder).write(stage, { metrics: [] } as never, provenance);
    file = path.join(folder, id, "stage.json");
    intact = readFileSync(file);
    expect(problems(folder)).toEqual([]);
  });

  /** What is wrong with the stage after its manifest has been changed, with a new digest. */
  function problemAfter(change: (manifest: Record<string, unknown>) => unknown): string | undefined {
    const { sha256: _, ...manifest } = JSON.parse(intact.toString());
    const changed = change(manifest) as object;
    const digest = createHash("sha256").update(JSON.stringify(changed)).digest("hex");
    writeFileSync(file, `${JSON.stringify({ ...changed, sha256: digest }, null, 2)}\n`);
    return problems(folder)[0]?.problem;
  }

  test("shows any flipped bit, also in white space", () => {
    for (let bit = 0; bit < 8 * intact.length; bit += 7) {
      const bytes = Buffer.from(intact);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(file, bytes);
      expect(problems(folder).map((one) => one.id)).toEqual([id]);
      if (bit % 350 === 0) expect(openStore(folder).has(stage)).toBe(false);
    }
  });

  test("may be of another version of the code, or of another device", () => {
    const determining = ["another version", "cuda 9.9", JSON.parse(intact.toString()).determining.at(-1)];
    const other = idOf(stage, determining);
    const change = (manifest: object) => ({ ...manifest, id: other, determining });
    expect(problemAfter(change)).toBe(`stage.json describes ${other}`);
    renameSync(path.join(folder, id), path.join(folder, other));
    expect(problems(folder)).toEqual([]);
  });

  test("shows an id that is not the hash of what it says determines it, and a stage that is not what was hashed", () => {
    const seconds = problemAfter((manifest) => ({ ...manifest, provenance: { ...provenance, seconds: 2 } }));
    expect(seconds).toBeUndefined();
    const code = problemAfter(({ determining, ...manifest }) => ({
      ...manifest,
      determining: ["another version", ...(determining as string[]).slice(1)],
    }));
    expect(code).toBe("its id is not the hash of what it says determines it");
    const changed = { ...stage, options: { ...stage.options, epochs: 7 } };
    expect(problemAfter((manifest) => ({ ...manifest, stage: changed }))).toBe(
      "its description is not the one that its id was made from",
    );
  });

  test.each([
    ["no files", ({ files: _, ...rest }: object & { files?: unknown }) => rest, "`files`"],
    ["a text for a stage", (manifest: object) => ({ ...manifest, stage: "sft" }), "`stage`"],
    [
      "a path for a file",
      (manifest: object) => ({ ...manifest, files: { "../x": { bytes: 1, sha256: "" } } }),
      "`files",
    ],
    ["no finish", (manifest: object) => ({ ...manifest, provenance: {} }), "`provenance.finished`"],
  ])("with %s is named with what is wrong", (_, change, field) => {
    expect(problemAfter(change)).toContain(field);
    expect(openStore(folder).has(stage)).toBe(false);
  });
});
