import { describe, expect, test } from "vitest";
import { bestEpochsPlan } from "../../../src/experiments/main-comparison/best-epochs.ts";
import { rougeLAtBestEpochs } from "../../../src/experiments/rouge-l/best-epochs.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { twoWordsAtBestEpochs } from "../../../src/experiments/two-words/best-epochs.ts";
import { differingPaths } from "../../differing-paths.ts";
import { candidateIds, onlinePairsIn, policyIn, scorerIn } from "../in-plan.ts";

const seed = 3;
const main = bestEpochsPlan(tunedLaboratory("laptop", seed));
const tasks = {
  "two words": { plan: twoWordsAtBestEpochs("laptop", seed), main: "five clauses", options: "clauses gamma" },
  "ROUGE-L": { plan: rougeLAtBestEpochs("laptop", seed), main: "facts", options: "reward tau" },
};
const everyArm = ["dpo", "online-sft"];

describe.each(Object.entries(tasks))("the plan for %s", (_, { plan, main: name, options }) => {
  test.each(everyArm)("has the main comparison's %s beside its own", (id) => {
    expect(policyIn(plan, `${id}@${name}, 5 epochs`)).toEqual(policyIn(main, `${id}@5 epochs`));
  });

  test.each(everyArm)("differs from it in the task alone: %s", (id) => {
    const [own, usual] = [policyIn(plan, `${id}@5 epochs`), policyIn(plan, `${id}@${name}, 5 epochs`)];
    const last = (path: string) => path.slice(path.lastIndexOf(".") + 1);
    const names = new Set(differingPaths(usual, own).map(last));
    names.delete("max_position_embeddings");
    expect(new Set([...names].filter((one) => one !== "options"))).toEqual(new Set(options.split(" ")));
  });

  test("labels each task's online samples by the task's own reward model", () => {
    for (const suffix of ["", `@${name}`]) {
      const arm = `online-sft@${suffix === "" ? "" : `${name}, `}2 epochs`;
      expect(onlinePairsIn(plan, arm).scorer).toEqual(scorerIn(plan, `global${suffix}`));
    }
  });

  test("gives the reward model and DPO's implicit reward the same pairs and epochs", () => {
    for (const suffix of ["", `, ${name}`]) {
      const global = scorerIn(plan, suffix === "" ? "global" : `global@${name}`);
      const dpo = scorerIn(plan, `dpo@as many epochs${suffix}`);
      expect([dpo.pairs, dpo.options.epochs]).toEqual([global.pairs, global.options.epochs]);
    }
  });

  test("chooses every arm's epochs in its own task", () => {
    for (const [best, candidates] of Object.entries(candidateIds(plan.bestArms)))
      for (const id of candidates) expect(id.includes(name)).toBe(best.includes(name));
  });
});
