import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as allroads from "allroads";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../temporary.ts";
import { compute, example, tinyConfig } from "./tiny.ts";

const { stageId } = allroads.pipeline;
const lab = allroads.laboratory(tinyConfig, 3);

/** DPO with an offset, by default as the example has it. */
function offsetDpo(offset: number, module = example("loss")) {
  const loss = allroads.userCode(module, "dpoWithOffset", { offset });
  return lab.dpo(1, { loss });
}

describe("a user's loss", () => {
  test.each([
    ["in this process", () => allroads.pipeline.inlinePool()],
    ["in a worker process", () => allroads.pipeline.processPool(1)],
  ])(
    "without an offset trains the weights of the built-in DPO, with one it does not: %s",
    async (_, pool) => {
      const stages = [lab.dpo(1), offsetDpo(0), offsetDpo(1)] as const;
      const store = await compute(temporaryFolder("loss"), stages, pool());
      const [dpo, none, one] = stages.map((stage) => store.get(stage).model.weights);
      expect(none).toEqual(dpo);
      expect(one).not.toEqual(dpo);
    },
  );

  test("and its options determine the id of the stage that uses it", () => {
    const ids = [lab.dpo(1), lab.dpo(1, { loss: "dpo" }), offsetDpo(0), offsetDpo(1)].map(stageId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(stageId(offsetDpo(1))).toBe(ids[3]);
  });

  test("that is edited gives its stages other ids, and leaves those of all others", () => {
    const module = path.join(temporaryFolder("loss"), "loss.ts");
    const source = readFileSync(example("loss"), "utf8");
    const idsWith = (text: string) => {
      writeFileSync(module, text);
      const policy = offsetDpo(1, module);
      const online = lab.online(policy);
      return {
        using: [policy, online].map(stageId),
        others: [...allroads.pipeline.parents(policy), lab.reward, lab.dpo(1)].map(stageId),
      };
    };
    const before = idsWith(source);
    expect(before.using[0]).toBe(stageId(offsetDpo(1)));
    const after = idsWith(source.replace("tf.softplus(", "tf.relu("));
    for (const id of after.using) expect(before.using).not.toContain(id);
    expect(after.others).toEqual(before.others);
    expect(idsWith(source)).toEqual(before);
  });
});
