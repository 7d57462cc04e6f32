import { describe, expect, test } from "vitest";
import {
  type CompletionGroup,
  checkGroups,
  collate,
  decisions,
  paddedShape,
} from "../../src/models/batch.ts";
import type { NeoXConfig } from "../../src/models/gpt-neox.ts";
import { tf } from "../../src/tensors/backend.ts";

test("the policy decides every token but those that the decoder copies", () => {
  const forcedNext = Int32Array.of(-1, 3, -1, -1);
  expect(decisions([1, 3, 2, 1, 3, 0], forcedNext)).toEqual([true, false, true, true, false, true]);
  expect(decisions([1, 3], undefined)).toEqual([true, true]);
  expect(decisions([], forcedNext)).toEqual([]);
});

describe("a batch", () => {
  const groups: CompletionGroup[] = [
    {
      prompt: [5, 6, 7],
      completions: [[8, 9], [8]],
      forcedNext: Int32Array.from({ length: 12 }, (_, token) => (token === 8 ? 9 : -1)),
    },
    {
      prompt: [4],
      completions: [
        [3, 2, 1],
        [2, 1],
      ],
    },
  ];
  const arrays = (...args: Parameters<typeof collate>) =>
    tf.tidy(() => {
      const { prompts, attention, inputs, targets, mask } = collate(...args);
      return {
        prompts: prompts?.arraySync(),
        attention: attention?.arraySync(),
        inputs: inputs.arraySync(),
        targets: targets.arraySync(),
        mask: mask.arraySync(),
      };
    });

  test("pads prompts on the left and completions on the right, and masks copied tokens", () => {
    expect(paddedShape(groups)).toEqual({ prompt: 2, completion: 3, padded: true });
    expect(arrays(groups, 0)).toEqual({
      prompts: [
        [5, 6],
        [0, 0],
      ],
      attention: [
        [1, 1],
        [0, 0],
      ],
      inputs: [
        [
          [7, 8, 9],
          [7, 8, 0],
        ],
        [
          [4, 3, 2],
          [4, 2, 1],
        ],
      ],
      targets: [
        [
          [8, 9, 0],
          [8, 0, 0],
        ],
        [
          [3, 2, 1],
          [2, 1, 0],
        ],
      ],
      mask: [
        [1, 0, 0],
        [1, 0, 0],
        [1, 1, 1],
        [1, 1, 0],
      ],
    });
  });

  test("can count the last token alone, and has no prompts if they are single tokens", () => {
    const { prompts, attention, mask } = arrays(groups.slice(1), 0, undefined, "last");
    expect([prompts, attention]).toEqual([undefined, undefined]);
    expect(mask).toEqual([
      [0, 0, 1],
      [0, 1, 0],
    ]);
  });
});

test("groups with an id that the model lacks are refused before they reach TensorFlow", () => {
  const config = { vocab_size: 10, max_position_embeddings: 8 } as NeoXConfig;
  const group = (prompt: number[], completion: number[]) => ({ prompt, completions: [[1], completion] });
  expect(() => checkGroups([group([0, 9], [9, 0])], config)).not.toThrow();
  const sentence =
    "is not in the model's vocabulary, whose ids run from 0 to 9: use the tokenizer that belongs";
  expect(() => checkGroups([group([1], [1]), group([10], [1])], config)).toThrow(
    `The id 10 in the prompt of example 1 ${sentence}`,
  );
  expect(() => checkGroups([group([1], [1, 50_277])], config)).toThrow(
    `The id 50277 in a completion of example 0 ${sentence}`,
  );
});
