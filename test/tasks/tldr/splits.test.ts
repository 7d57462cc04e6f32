import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DataSizes } from "../../../src/tasks/task.ts";
import { tldrTask } from "../../../src/tasks/tldr/task.ts";
import { item } from "../item.ts";
import { posts, preferences, rowsOf, stories, tokenizer } from "./stories.ts";

const task = tldrTask({ posts, preferences, tokenizer });
const none = { demonstrations: 0, pairs: 0, validation: 0, evaluation: 0 };
const sizes: DataSizes = { demonstrations: 12, pairs: 20, validation: 8, evaluation: 10 };
const PARTS = ["demonstrations", "pairs", "validation", "evaluation"] as const;

const partsOf = (seed: number, asked: DataSizes, from = task) => {
  const data = from.data(seed, asked);
  return {
    demonstrations: data.demonstrations.map(({ prompt }) => prompt.text),
    pairs: data.prompts.map((prompt) => prompt.text),
    validation: data.validation.map(({ prompt }) => prompt.text),
    evaluation: data.evaluation.map(({ prompt }) => prompt.text),
  };
};

describe("the parts of one seed's data", () => {
  test("share no prompt and are reproducible, for all sizes that there are rows for", () => {
    const asked = fc.record({
      demonstrations: fc.nat(20),
      pairs: fc.nat(25),
      validation: fc.nat(10),
      evaluation: fc.nat(10),
    });
    fc.assert(
      fc.property(asked, fc.nat(5), (wanted, seed) => {
        const parts = Object.values(partsOf(seed, wanted)).map((part) => new Set(part));
        expect(new Set(parts.flatMap((part) => [...part])).size).toBe(
          parts.reduce((sum, part) => sum + part.size, 0),
        );
        expect(partsOf(seed, wanted)).toEqual(partsOf(seed, wanted));
      }),
    );
  });

  test("differ between seeds", () => {
    expect(partsOf(1, sizes).evaluation).not.toEqual(partsOf(2, sizes).evaluation);
    expect(partsOf(1, sizes).pairs).not.toEqual(partsOf(2, sizes).pairs);
  });

  test("have the same first items for all sizes within their shares", () => {
    const all = partsOf(4, { demonstrations: 10, pairs: 25, validation: 10, evaluation: 10 });
    const within = fc.record({
      demonstrations: fc.nat(10),
      pairs: fc.nat(25),
      validation: fc.nat(10),
      evaluation: fc.nat(10),
    });
    fc.assert(
      fc.property(within, (asked) => {
        const found = partsOf(4, asked);
        for (const part of PARTS) expect(found[part]).toEqual(all[part].slice(0, asked[part]));
      }),
    );
  });

  test("use posts that have preferences last", () => {
    const preferred = new Set(preferences.map(({ prompt }) => prompt));
    const { demonstrations, validation, evaluation } = partsOf(3, sizes);
    expect([...demonstrations, ...validation, ...evaluation].some((text) => preferred.has(text))).toBe(false);
    const many = partsOf(3, { ...sizes, demonstrations: 20 });
    expect(many.demonstrations.filter((text) => preferred.has(text)).length).toBe(8);
  });

  test("can come from posts alone or preferences alone", () => {
    const fromPosts = tldrTask({ posts, tokenizer });
    const asked = { demonstrations: 10, pairs: 10, validation: 10, evaluation: 10 };
    expect(new Set(Object.values(partsOf(1, asked, fromPosts)).flat()).size).toBe(40);
    expect(fromPosts.data(1, asked).pairs).toBeUndefined();
    const fromPairs = tldrTask({ preferences, tokenizer });
    const parts = partsOf(1, { demonstrations: 6, pairs: 8, validation: 6, evaluation: 6 }, fromPairs);
    const used = new Set([...parts.demonstrations, ...parts.validation, ...parts.evaluation]);
    expect(used.size).toBe(18);
    expect(parts.pairs.some((text) => used.has(text))).toBe(false);
  });

  test("use a prompt of two posts once, with the first summary", () => {
    const again = rowsOf(
      [{ ...item(stories, 0), completion: " second summary" }, ...stories.slice(0, 3)],
      "posts.jsonl",
    );
    const twice = tldrTask({ posts: again, tokenizer });
    const { demonstrations } = twice.data(1, { ...none, demonstrations: 3 });
    expect(demonstrations.map(({ prompt }) => prompt.reference)).toContain("second summary");
    expect(() => twice.data(1, { ...none, demonstrations: 4 })).toThrow(
      /holds 3 posts with different prompts/,
    );
  });

  test("are an error that says how many rows there are, if more are asked for", () => {
    expect(() => task.data(1, { ...sizes, demonstrations: 30 })).toThrow(
      "is asked for 30 demonstrations, 8 validation and 10 evaluation posts and 20 pairs, but holds 40 posts " +
        "with different prompts and 40 preferences, which leaves 22 for demonstrations",
    );
    expect(() => task.data(1, { ...none, pairs: 41 })).toThrow(/which leaves 40 for pairs: ask for fewer/);
    expect(() => task.data(1, { ...none, pairs: 1.5 })).toThrow(
      "number of pairs must be a whole number from 0",
    );
  });
});
