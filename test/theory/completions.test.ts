import { describe, expect, test } from "vitest";
import { promptsOf, sizesOf, tokensOf } from "../../src/theory/completions.ts";

describe("a space", () => {
  test("has a tree's prefixes, completions and edges", () => {
    expect(sizesOf({ prompts: 1, actions: 2, horizon: 3 })).toEqual({
      prefixes: 7,
      completions: 8,
      edges: 14,
    });
    expect(sizesOf({ prompts: 4, actions: 3, horizon: 2 })).toEqual({
      prefixes: 4,
      completions: 9,
      edges: 12,
    });
  });

  test("numbers completions by their tokens, in order", () => {
    const space = { prompts: 1, actions: 3, horizon: 2 };
    const all = Array.from({ length: 9 }, (_, index) => tokensOf(space, index).join(""));
    expect(all).toEqual(["00", "01", "02", "10", "11", "12", "20", "21", "22"]);
  });

  test("cuts a table into its prompts, or says why not", () => {
    const space = { prompts: 2, actions: 2, horizon: 1 };
    expect(promptsOf(space, [1, 2, 3, 4])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(() => promptsOf(space, [1, 2, 3])).toThrow("must be a whole number from 1, not 1.5");
  });

  test("says what it cannot be", () => {
    expect(() => sizesOf({ prompts: 0, actions: 2, horizon: 1 })).toThrow(
      "prompts must be a whole number from 1",
    );
    expect(() => sizesOf({ prompts: 1, actions: 1, horizon: 1 })).toThrow(
      "actions must be a whole number from 2",
    );
    expect(() => sizesOf({ prompts: 1, actions: 10, horizon: 9 })).toThrow(
      "take a shorter horizon or fewer tokens",
    );
  });
});
