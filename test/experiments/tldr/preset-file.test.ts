import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readTldrPreset, tldrPresetNames } from "../../../src/experiments/tldr/preset-file.ts";
import { type PythiaSize, pythiaConfig } from "../../../src/models/pythia.ts";
import { memoryProblem } from "../../../src/training/step-memory.ts";
import { temporaryFolder } from "../../temporary.ts";

const root = path.resolve(import.meta.dirname, "../../..");

describe("presets of real posts", () => {
  test("are all valid, say what they are, and have the sizes that the paper and its readers use", () => {
    const names = tldrPresetNames();
    for (const size of ["14m", "70m", "160m", "410m", "1b", "1.4b", "2.8b"])
      expect(names).toContain(`pythia-${size}`);
    for (const name of names) expect(readTldrPreset(name).about.length).toBeGreaterThan(20);
  });

  test("of the paper have its settings, and each difference of its code by itself", () => {
    const paper = readTldrPreset("pythia-1.4b");
    expect(paper).toMatchObject({
      start: { hub: "EleutherAI/pythia-1.4b-deduped" },
      sft: { lossOn: "all", batchSize: 64, learningRate: 3e-6, schedule: "cosine", epochs: 1 },
      reward: { batchSize: 64 },
      preference: { beta: 0.05, batchSize: 128, learningRate: 3e-7, schedule: "linear" },
      online: { completions: 25, temperature: 0.1 },
    });
    const { about: _, ...settings } = paper;
    const { about: __, ...cosine } = readTldrPreset("pythia-1.4b-cosine");
    expect(cosine).toEqual({ ...settings, preference: { ...settings.preference, schedule: "cosine" } });
    const { about: ___, ...tempered } = readTldrPreset("pythia-1.4b-loss-temperature");
    expect(tempered).toEqual({ ...settings, online: { ...settings.online, training: { temperature: 0.1 } } });
    expect(readTldrPreset("pythia-2.8b-code")).toMatchObject({
      start: { hub: "EleutherAI/pythia-2.8b-deduped" },
      reward: { batchSize: 128 },
      preference: { schedule: "cosine" },
      online: { training: { temperature: 0.1 } },
    });
  });

  test("of published models fit a card of 141 GB with the allocator's share", () => {
    for (const size of ["410m", "1.4b", "2.8b"] as PythiaSize[]) {
      const { sft, preference, promptLength, completionLength } = readTldrPreset(`pythia-${size}`);
      const policy = { config: pythiaConfig(size), head: "language" as const };
      const ofSft = { prompt: 0, completions: 1, completion: promptLength + completionLength };
      const ofPairs = { prompt: promptLength - 1, completions: 2, completion: completionLength };
      expect(memoryProblem(policy, ofSft, sft, 141e9 / 1.25)).toBeUndefined();
      expect(memoryProblem(policy, ofPairs, preference, 141e9 / 1.25)).toBeUndefined();
    }
  });
});

describe("a preset", () => {
  test("is overridden by the paths of fields", () => {
    const changed = readTldrPreset("laptop", [
      "sft.epochs=2",
      "online.training.learningRate=1e-5",
      "seeds=[7]",
    ]);
    expect(changed.sft).toEqual({ ...readTldrPreset("laptop").sft, epochs: 2 });
    expect(changed.online.training).toEqual({ learningRate: 1e-5 });
    expect(changed.seeds).toEqual([7]);
    expect(readTldrPreset("laptop").sft.epochs).toBe(8);
  });

  test("is a copied file, which may extend another one beside it", () => {
    const folder = temporaryFolder("preset");
    const [base, own] = [path.join(folder, "base.yaml"), path.join(folder, "own.yaml")];
    writeFileSync(base, readFileSync(path.join(root, "data/presets/laptop.yaml")));
    writeFileSync(own, "extends: base.yaml\nstart: { folder: /models/own }\nsft: { epochs: 3 }\n");
    expect(readTldrPreset(base)).toEqual(readTldrPreset("laptop"));
    const { model, vocabSize, start, sft } = readTldrPreset(own);
    expect([model, vocabSize, start, sft.epochs]).toEqual([
      undefined,
      undefined,
      { folder: "/models/own" },
      3,
    ]);
  });

  test.each([
    [
      ["sft.epoch=2"],
      /^data\/presets\/laptop\.yaml with sft\.epoch=2 is not as expected: `sft`: unrecognized key: "epoch"/,
    ],
    [["sft.epochs=two"], /`sft\.epochs`: invalid input: expected number, received string/],
    [["start.hub=a/b"], /`start`: give either a published model/],
    [["sft"], /^"sft" overrides no field: write it like sft\.epochs=2\.$/],
  ])("refuses %j", (overrides, message) => {
    expect(() => readTldrPreset("laptop", overrides)).toThrow(message);
  });

  test("that does not exist, or that extends itself, is refused", () => {
    expect(() => readTldrPreset("pythia-14")).toThrow(
      'There is no preset of real posts "pythia-14": did you mean "pythia-14m"?',
    );
    const folder = temporaryFolder("preset");
    const file = path.join(folder, "own.yaml");
    expect(() => readTldrPreset(file)).toThrow(
      `There is no preset file ${file}: copy one of data/presets there.`,
    );
    writeFileSync(file, "extends: own.yaml\n");
    expect(() => readTldrPreset(file)).toThrow(`${file} extends ${file}: end the circle.`);
    writeFileSync(file, "- a\n");
    expect(() => readTldrPreset(file)).toThrow(`${file} is not as expected: it must have fields`);
  });
});
