import { describe, expect, test } from "vitest";
import { completionTokens, splitByPrompt, treeSizes } from "../../src/theory/completion-space.ts";

describe("a completion space", () => {
  test("has the prefixes, completions and edges of a complete tree", () => {
    expect(treeSizes({ prompts: 1, actions: 2, horizon: 3 })).toEqual({
      prefixes: 7,
      completions: 8,
      edges: 14,
    });
    expect(treeSizes({ prompts: 4, actions: 3, horizon: 2 })).toEqual({
      prefixes: 4,
      completions: 9,
      edges: 12,
    });
  });

  test("numbers completions in lexicographic order of their tokens", () => {
    const space = { prompts: 1, actions: 3, horizon: 2 };
    const all = Array.from({ length: 9 }, (_, index) => completionTokens(space, index).join(""));
    expect(all).toEqual(["00", "01", "02", "10", "11", "12", "20", "21", "22"]);
  });

  test("splits a table by prompt, and throws if its length does not fit", () => {
    const space = { prompts: 2, actions: 2, horizon: 1 };
    expect(splitByPrompt(space, [1, 2, 3, 4])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(() => splitByPrompt(space, [1, 2, 3])).toThrow("must be a whole number of at least 1, not 1.5");
  });

  test("throws on invalid or too large sizes", () => {
    expect(() => treeSizes({ prompts: 0, actions: 2, horizon: 1 })).toThrow(
      "prompts must be a whole number of at least 1",
    );
    expect(() => treeSizes({ prompts: 1, actions: 1, horizon: 1 })).toThrow(
      "actions must be a whole number of at least 2",
    );
    expect(() => treeSizes({ prompts: 1, actions: 10, horizon: 9 })).toThrow(
      "take a shorter horizon or fewer tokens",
    );
  });
});
