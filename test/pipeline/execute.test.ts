import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { type ExecutionProgress, execute } from "../../src/pipeline/execute.ts";
import { inlinePool } from "../../src/pipeline/pool.ts";
import { runStage } from "../../src/pipeline/run-stage.ts";
import { stageId } from "../../src/pipeline/stage-id.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { temporaryFolder } from "../temporary.ts";
import { tinyConfig } from "../tiny-config.ts";

const { sft, pairs } = laboratory(tinyConfig, 3);

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/**
 * The digest of every file in a run store but what was set aside and the manifests, which say when and for how long a
 * stage was computed.
 */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter(
    (name) => statSync(path.join(folder, name)).isFile() && !/^\.damaged|stage\.json$/.test(name),
  );
  return Object.fromEntries(files.map((name) => [name, sha256(readFileSync(path.join(folder, name)))]));
}

test("a damaged stage is computed again to the same bytes, and another stage's result is not used for it", async () => {
  const { folder } = openStore(temporaryFolder("runs"));
  const counted: ExecutionProgress["stages"][] = [];
  await execute(openStore(folder), [pairs], inlinePool(), ({ stages }) => counted.push(stages));
  expect([counted.at(0), counted.at(-1)]).toEqual([
    { done: 0, total: 2 },
    { done: 2, total: 2 },
  ]);
  const before = contents(folder);
  for (const name of Object.keys(before)) {
    const file = path.join(folder, name);
    truncateSync(file, statSync(file).size - 3);
    const store = openStore(folder);
    expect(store.has(name.startsWith("offline-pairs") ? pairs : sft)).toBe(false);
    await execute(store, [sft, pairs], inlinePool());
    expect(contents(folder)).toEqual(before);
  }
  const manifest = path.join(folder, stageId(pairs), "stage.json");
  writeFileSync(manifest, readFileSync(path.join(folder, stageId(sft), "stage.json")));
  expect(openStore(folder).read(pairs)).toBeUndefined();
});

test("a stage that was stopped resumes there and ends with the same bytes", async () => {
  const whole = openStore(temporaryFolder("runs"));
  await runStage(whole, sft);
  const store = openStore(temporaryFolder("runs"));
  const stop = new AbortController();
  const stopped = runStage(store, sft, {
    signal: stop.signal,
    onProgress: (part) => part > 0.5 && stop.abort(),
  });
  await expect(stopped).rejects.toThrow("run it again to continue there");
  const parts: number[] = [];
  await runStage(store, sft, { onProgress: (part) => parts.push(part) });
  expect(parts[0]).toBeGreaterThan(0.5);
  expect(contents(store.folder)).toEqual(contents(whole.folder));
});

test("a checkpoint that is damaged or another stage's is set aside, and training starts anew", async () => {
  const whole = openStore(temporaryFolder("runs"));
  await runStage(whole, sft);
  const { folder } = openStore(temporaryFolder("runs"));
  const stopAt = async (part: number, stage = sft) => {
    const stop = new AbortController();
    const hooks = { signal: stop.signal, onProgress: (done: number) => done > part && stop.abort() };
    await expect(runStage(openStore(folder), stage, hooks)).rejects.toThrow("run it again");
  };
  const other = { ...sft, options: { ...sft.options, seed: 4 } };
  await stopAt(0.5, other as never);
  await stopAt(0.5);
  const file = path.join(folder, ".unfinished", stageId(sft), "checkpoint.safetensors");
  const intact = readFileSync(file);
  const flipped = Buffer.from(intact);
  flipped[flipped.length - 1]! ^= 1;
  const others = readFileSync(file.replace(stageId(sft), stageId(other as never)));
  for (const bytes of [flipped, intact.subarray(0, 3), Buffer.alloc(0), intact.subarray(0, -4), others]) {
    const notices: string[] = [];
    const store = openStore(folder, (text) => notices.push(text));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    const parts: number[] = [];
    await runStage(store, sft, { onProgress: (part) => parts.push(part) });
    expect(parts[0]).toBeLessThan(0.5);
    const { provenance: _, ...result } = store.get(sft);
    expect(result).toEqual({ model: whole.get(sft).model, metrics: whole.get(sft).metrics });
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(
      /checkpoint\.safetensors in the run store .* cannot be used \(it .*\): it was moved to/,
    );
    rmSync(path.join(folder, stageId(sft)), { recursive: true });
  }
  expect(readdirSync(path.join(folder, ".damaged"))).toHaveLength(5);
});

test("a failing stage is reported, and the stages that were finished stay stored", async () => {
  const store = openStore(temporaryFolder("runs"));
  const broken = { ...tinyConfig, reward: { ...tinyConfig.reward, learningRate: 1e30 } };
  const lab = laboratory(broken, 3);
  const online = lab.online(lab.sft);
  await expect(execute(store, [online], inlinePool())).rejects.toThrow("lower the learning rate (1e+30)");
  expect(store.has(lab.sft)).toBe(true);
  expect(store.has(online)).toBe(false);
});
