import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { DataSizes } from "../../../src/tasks/task.ts";
import { tldrTask } from "../../../src/tasks/tldr/task.ts";
import { randomStream } from "../../../src/tensors/random.ts";
import { parsePost } from "../../../src/text/post.ts";
import { readRows } from "../../../src/text/rows.ts";
import { trainTokenizer } from "../../../src/text/tokenizer.ts";
import { item } from "../item.ts";
import { posts, preferences, rowsOf, tokenizer } from "./stories.ts";

const task = tldrTask({ posts, preferences, tokenizer });
const sizes: DataSizes = { demonstrations: 12, pairs: 20, validation: 8, evaluation: 10 };
const data = task.data(1, sizes);

describe("the task", () => {
  test("has the sizes that were asked for", () => {
    const { demonstrations, prompts, validation, evaluation } = data;
    expect([demonstrations, prompts, validation, evaluation].map(({ length }) => length)).toEqual([
      12, 20, 8, 10,
    ]);
  });

  test("has demonstrations with the prompts, titles and summaries of its posts", () => {
    for (const { prompt, completion } of data.demonstrations) {
      expect(task.text(prompt.tokens)).toBe(prompt.text);
      expect(parsePost(prompt.text)?.title).toBe(prompt.title);
      expect(task.text(completion)).toBe(` ${prompt.reference}`);
      expect(completion.at(-1)).toBe(task.vocabulary.eos);
      expect(posts.find((row) => row.prompt === prompt.text)?.completion).toBe(` ${prompt.reference}`);
    }
  });

  test("has the preferences of its rows as pairs", () => {
    expect(data.pairs?.map(({ prompt }) => prompt)).toEqual(data.prompts);
    for (const { prompt, chosen, rejected } of data.pairs ?? []) {
      const row = preferences.find(
        (candidate) => candidate.prompt === prompt.text && candidate.rejected === task.text(rejected),
      );
      expect(task.text(chosen)).toBe(row?.chosen);
    }
  });

  test("scores by ROUGE-L against the human summary, and has titles as references", () => {
    for (const { prompt, completion } of data.evaluation) {
      expect(task.text(completion)).toBe(` ${prompt.title}`);
      const scoreOf = (text: string) => task.score(prompt, [...tokenizer.encode(text), task.vocabulary.eos]);
      expect(scoreOf(` ${prompt.reference}`)).toBe(1);
      expect(scoreOf(" nothing alike")).toBe(0);
      expect(scoreOf("")).toBe(0);
      // Title and summary share the subject, the verb is another word, and the event: 2 of 4 and 2 of 6 words.
      expect(task.score(prompt, completion)).toBeCloseTo(0.4, 12);
    }
  });

  test("calls completions without eos malformed", () => {
    const { prompt, completion } = item(data.evaluation, 0);
    expect(task.isMalformed(prompt, completion)).toBe(false);
    expect(task.isMalformed(prompt, completion.slice(0, -1))).toBe(true);
  });

  test("prefers by ROUGE-L as Bradley and Terry's model", () => {
    const { prompt, completion: title } = item(data.evaluation, 0);
    const stream = randomStream(1, "test", "tldr");
    const wins = Array.from({ length: 3000 }, () => Number(task.prefer(prompt, title, [0], stream)));
    const rate = wins.reduce((sum, win) => sum + win, 0) / wins.length;
    expect(Math.abs(rate - 1 / (1 + Math.exp(-0.4 / 0.12)))).toBeLessThan(0.02);
  });
});

describe("an error names", () => {
  test("rows of the wrong kind, or none", () => {
    expect(() => tldrTask({ posts: preferences, tokenizer })).toThrow(
      'pairs.jsonl, row 1: has no "completion"',
    );
    expect(() => tldrTask({ posts, preferences: posts, tokenizer })).toThrow(
      'posts.jsonl, row 1: has no "chosen"',
    );
    expect(() => tldrTask({ posts: [], tokenizer })).toThrow(/needs rows: give posts, preferences or both/);
  });

  test("an invalid option", () => {
    expect(() => tldrTask({ posts, tokenizer, promptLength: 0 })).toThrow(
      /promptLength must be a whole number/,
    );
    expect(() => tldrTask({ posts, tokenizer, completionLength: 2.5 })).toThrow(
      /completionLength must be .* not 2.5/,
    );
    expect(() => tldrTask({ posts, tokenizer, tau: 0 })).toThrow(/tau must be a number above 0/);
    expect(() => tldrTask({ posts, tokenizer, longPrompts: "cut" as never })).toThrow(
      /"error", "trim" or "paper", not "cut"/,
    );
  });
});

describe("rows that cannot be used as they are", () => {
  const prompt = (index: number) => `A post about ${index} things. It is long.\n\nTL;DR:`;
  const summary = (index: number) => ` ${index} things happened to me and I wonder what they mean`;
  const many = Array.from({ length: 8 }, (_, index) => ({
    prompt: prompt(index),
    completion: summary(index),
  }));

  test("pairs that are equal once they are cut are left out and counted", () => {
    const pairs = many.map(({ prompt, completion }, index) => {
      const end = index < 3 ? [" today", " now"] : [];
      const [chosen, rejected] = [
        `${completion}${end[0] ?? ""}`,
        `${end[1] === undefined ? " no" : completion + end[1]}`,
      ];
      return { prompt, chosen, rejected };
    });
    const cut = tldrTask({ preferences: rowsOf(pairs, "p"), tokenizer, completionLength: 10 });
    expect(cut.examples.preferences).toHaveLength(5);
    expect(cut.notes).toEqual(["3 pairs are left out: their summaries are equal once cut to 10 tokens."]);
    expect(cut.data(1, { demonstrations: 0, validation: 0, evaluation: 0, pairs: 5 }).pairs).toHaveLength(5);
    const long = tldrTask({ preferences: rowsOf(pairs, "p"), tokenizer });
    expect([long.examples.preferences.length, long.notes]).toEqual([8, []]);
    expect(() =>
      tldrTask({ preferences: rowsOf(pairs.slice(0, 3), "p"), tokenizer, completionLength: 10 }),
    ).toThrow(
      "All 3 preferences have equal summaries once these are cut to 10 tokens: raise completionLength.",
    );
  });

  test("completions that are labelled as bad are no demonstrations", () => {
    const labelled = many.map((row, index) => ({ ...row, label: index % 4 !== 0 }));
    const wanted = tldrTask({ posts: rowsOf(labelled, "p"), tokenizer });
    expect(wanted.notes).toEqual(["2 completions that are labelled as bad are not used as demonstrations."]);
    const { demonstrations } = wanted.data(1, { demonstrations: 6, validation: 0, evaluation: 0, pairs: 0 });
    const bad = [prompt(0), prompt(4)];
    expect(demonstrations.some((sample) => bad.includes(sample.prompt.text))).toBe(false);
  });

  test("summaries that ROUGE-L cannot see are said to be so", () => {
    const chinese = [...many.slice(0, 3), { prompt: "帖子\n\nTL;DR:", completion: " 他丢了工作" }];
    const { notes } = tldrTask({ posts: rowsOf(chinese, "p"), tokenizer });
    expect(notes).toEqual([
      expect.stringMatching(/^ROUGE-L sees nothing of 1 of 4 human summaries: it compares/),
    ]);
  });
});

const folder = fileURLToPath(new URL("../../../../shared/data/tldr/", import.meta.url));
describe.skipIf(!existsSync(folder))("real rows (skipped if ../shared/data/tldr is absent)", () => {
  test("are read, encoded and split", () => {
    const realPosts = readRows(`${folder}posts.jsonl`);
    const realPreferences = readRows(`${folder}preferences.jsonl`);
    expect([realPosts.length, realPreferences.length]).toEqual([217, 215]);
    const texts = [...realPosts, ...realPreferences].flatMap((row) =>
      [row.prompt, row.completion, row.chosen, row.rejected].filter((text) => text !== undefined),
    );
    const trained = trainTokenizer(texts, { vocabSize: 2000 });
    for (const text of texts) expect(trained.decode(trained.encode(text))).toBe(text);
    const options = { posts: realPosts, preferences: realPreferences, tokenizer: trained };
    expect(() => tldrTask({ ...options, promptLength: 300 })).toThrow(
      /^posts\.jsonl, row \d+: the prompt has \d+ tokens/,
    );
    const real = tldrTask({ ...options, promptLength: 300, longPrompts: "trim" });
    const { demonstrations, prompts, evaluation } = real.data(1, {
      demonstrations: 120,
      pairs: 215,
      validation: 40,
      evaluation: 57,
    });
    for (const prompt of [...prompts, ...demonstrations.map((sample) => sample.prompt)]) {
      expect(prompt.tokens.length).toBeLessThanOrEqual(300);
      expect(prompt.text.endsWith("\n\nTL;DR:")).toBe(true);
      expect(parsePost(prompt.text)?.post.length).toBeGreaterThan(40);
    }
    for (const { prompt, completion } of evaluation) {
      expect(real.score(prompt, completion)).toBeLessThan(1);
      expect(completion.length).toBeLessThanOrEqual(53);
    }
  });
});
