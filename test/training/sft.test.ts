import { describe, expect, test } from "vitest";
import { decisions } from "../../src/models/batch.ts";
import type { Sample } from "../../src/tasks/task.ts";
import { trainSft } from "../../src/training/sft.ts";
import { sharpened, tokenLogps, total } from "../by-hand.ts";
import { data, model as fresh, task, training } from "../laboratory.ts";

const model = sharpened(fresh, 10);
const demonstrations = data.demonstrations.slice(0, 8);
/** The first token begins the sequence and is predicted by nothing. */
const whole = demonstrations.map(({ prompt, completion }): Sample => {
  const [start, ...rest] = prompt.tokens;
  return { prompt: { tokens: [start!] }, completion: [...rest, ...completion] };
});

describe("supervised fine-tuning", () => {
  test.each([
    ["completion", demonstrations],
    ["all", whole],
  ] as const)(
    "on %s averages over these tokens, copied ones included, and no others",
    async (lossOn, read) => {
      const { metrics } = await trainSft(task, model, demonstrations, { ...training, lossOn });
      const logps = read.flatMap((sample) => tokenLogps(model, sample));
      expect(metrics).toHaveLength(1);
      expect(metrics[0]!.num_tokens).toBe(logps.length);
      expect(metrics[0]!.loss).toBeCloseTo(-total(logps) / logps.length, 3);
    },
  );

  test("has copied tokens to include", () => {
    const copied = demonstrations.flatMap(({ prompt, completion }) =>
      decisions(completion, task.forcedNext!(prompt)).filter((decided) => !decided),
    );
    expect(copied.length).toBeGreaterThan(0);
  });
});
