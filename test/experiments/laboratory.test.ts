import { expect, test } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import { differingPaths } from "../differing-paths.ts";

const config = keyEnvConfig("smoke");
const lab = laboratory(config, 3);

test("stages have the configuration's settings by default", () => {
  expect(lab.sft.options).toEqual(config.sft);
  expect(lab.reward.options).toEqual(config.reward);
  expect(lab.dpo(2).options).toEqual({ ...config.preference, epochs: 2 });
  expect(lab.online(lab.sft)).toMatchObject({ pairs: { policy: lab.sft, scorer: lab.reward } });
  expect(lab.verification("gold")).toMatchObject({ policy: lab.sft, ...config.verification });
});

test("an option changes that option of the stage and nothing else", () => {
  expect(differingPaths(lab.dpo(1), lab.dpo(1, { beta: 9 }))).toEqual(["options.beta"]);
  expect(differingPaths(lab.dpo(1), lab.localReward(1))).toEqual(["options.reference"]);
  expect(differingPaths(lab.reward, lab.rewardWith({ learningRate: 1 }))).toEqual(["options.learningRate"]);
  const [all, some] = [lab.online(lab.sft), lab.online(lab.sft, { first: 7 }, { epochs: 9 })];
  expect(differingPaths(all, some)).toEqual(["options.epochs", "pairs.first"]);
  const [global, rounded] = [lab.verification(lab.reward), lab.verification(lab.reward, { bits: 3 })];
  expect(differingPaths(global, rounded)).toEqual(["bits"]);
});
