import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DataSizes } from "../../../src/tasks/task.ts";
import { type TldrPrompt, tldrTask } from "../../../src/tasks/tldr/task.ts";
import { randomStream } from "../../../src/tensors/random.ts";
import { formatPost, parsePost } from "../../../src/text/post.ts";
import { parseRows, type Row, readRows } from "../../../src/text/rows.ts";
import { trainTokenizer } from "../../../src/text/tokenizer.ts";

const subjects = ["car", "dog", "boss", "sister", "landlord", "phone", "bike", "cat", "job", "neighbour"];
const events = ["gone", "broken", "angry", "lost", "loud", "late"];
const stories = subjects.flatMap((subject) =>
  events.map((event) => ({
    subreddit: "AskReddit",
    title: `My ${subject} is ${event}`,
    post: `Hello.\nI have a ${subject}. Since Friday it is ${event}, and I don't know why. What should I do?`,
    completion: ` ${subject} has been ${event} since Friday.`,
  })),
);
const rowsOf = (objects: readonly object[], source: string): Row[] =>
  parseRows(objects.map((object) => JSON.stringify(object)).join("\n"), source);
const posts = rowsOf(stories.slice(0, 40), "posts.jsonl");
const preferences = rowsOf(
  stories.slice(30).flatMap(({ completion, ...post }, index) => {
    const pair = { ...post, chosen: completion, rejected: " What should I do?" };
    return index % 3 === 0 ? [pair, { ...pair, rejected: " I don't know." }] : [pair];
  }),
  "pairs.jsonl",
);
const tokenizer = trainTokenizer(
  posts.map(({ prompt }) => prompt),
  { vocabSize: 400 },
);
const task = tldrTask({ posts, preferences, tokenizer });
const sizes: DataSizes = { demonstrations: 12, pairs: 20, validation: 8, evaluation: 10 };

const textOf = (prompt: TldrPrompt) => prompt.text;
const partsOf = (seed: number, asked: DataSizes, from = task) => {
  const data = from.data(seed, asked);
  return {
    demonstrations: data.demonstrations.map(({ prompt }) => prompt.text),
    pairs: data.prompts.map(textOf),
    validation: data.validation.map(({ prompt }) => prompt.text),
    evaluation: data.evaluation.map(({ prompt }) => prompt.text),
  };
};

describe("the task", () => {
  it("holds prompts of the template and completions with one leading space and eos", () => {
    const data = task.data(1, sizes);
    expect(Object.values(partsOf(1, sizes)).map((part) => part.length)).toEqual([12, 20, 8, 10]);
    for (const { prompt, completion } of data.demonstrations) {
      expect(task.text(prompt.tokens)).toBe(prompt.text);
      expect(parsePost(prompt.text)!.title).toBe(prompt.title);
      expect(task.text(completion)).toBe(` ${prompt.reference}`);
      expect(completion.at(-1)).toBe(task.vocabulary.eos);
      expect(posts.find((row) => row.prompt === prompt.text)!.completion).toBe(` ${prompt.reference}`);
    }
    for (const [index, { prompt, chosen, rejected }] of data.pairs!.entries()) {
      expect(prompt).toBe(data.prompts[index]);
      const row = preferences.find(
        (candidate) => candidate.prompt === prompt.text && candidate.rejected === task.text(rejected),
      );
      expect(task.text(chosen)).toBe(row!.chosen);
    }
  });

  it("scores by ROUGE-L against the human summary, and refers to the title", () => {
    for (const { prompt, completion } of task.data(1, sizes).evaluation) {
      expect(task.text(completion)).toBe(` ${prompt.title}`);
      const written = (text: string) => task.score(prompt, [...tokenizer.encode(text), task.vocabulary.eos]);
      expect(written(` ${prompt.reference}`)).toBe(1);
      expect(written(" nothing alike")).toBe(0);
      // Title and summary share the subject, the verb is another word, and the event: 2 of 4 and 2 of 6 words.
      expect(task.score(prompt, completion)).toBeCloseTo(0.4, 12);
    }
    const { prompt } = task.data(1, sizes).demonstrations[0]!;
    expect(task.score(prompt, [task.vocabulary.eos])).toBe(0);
  });

  it("prefers the higher ROUGE-L more often, by Bradley and Terry's model", () => {
    const { prompt, completion: title } = task.data(1, sizes).evaluation[0]!;
    const stream = randomStream(1, "test", "tldr");
    const wins = Array.from({ length: 3000 }, () => Number(task.prefer!(prompt, title, [0], stream)));
    const rate = wins.reduce((sum, win) => sum + win, 0) / wins.length;
    expect(Math.abs(rate - 1 / (1 + Math.exp(-0.4 / 0.12)))).toBeLessThan(0.02);
  });

  it("takes the chosen summary for reference where there is no human one", () => {
    const both = rowsOf(
      [
        { prompt: "Post A\n\nTL;DR:", chosen: " one", rejected: " two", completion: " human" },
        { prompt: "Post B. More.\n\nTL;DR:", chosen: " one", rejected: " two" },
      ],
      "pairs.jsonl",
    );
    const { prompts } = tldrTask({ preferences: both, tokenizer }).data(1, { ...sizes, ...zero, pairs: 2 });
    expect(prompts.map(({ reference }) => reference).sort()).toEqual(["human", "one"]);
    expect(prompts.find(({ reference }) => reference === "one")!.title).toBe("Post B.");
  });
});

const zero = { demonstrations: 0, pairs: 0, validation: 0, evaluation: 0 };

describe("lengths", () => {
  const [row] = posts;
  const length = tokenizer.encode(row!.prompt).length;
  const long = formatPost({ ...stories[0]!, post: `${stories[0]!.post} ${"And more. ".repeat(40)}` });
  const longRows = rowsOf([stories[1]!, { prompt: long, completion: "c" }], "long.jsonl");

  it("cuts a long completion without eos", () => {
    const cut = tldrTask({ posts: [row!], tokenizer, completionLength: 5 });
    const whole = tokenizer.encode(row!.completion!);
    const [sample] = cut.data(1, { ...zero, demonstrations: 1 }).demonstrations;
    expect(sample!.completion).toEqual(whole.slice(0, 5));
    const fitting = tldrTask({ posts: [row!], tokenizer, completionLength: whole.length + 1 });
    expect(fitting.data(1, { ...zero, demonstrations: 1 }).demonstrations[0]!.completion).toEqual([
      ...whole,
      0,
    ]);
    const tight = tldrTask({ posts: [row!], tokenizer, completionLength: whole.length });
    expect(tight.data(1, { ...zero, demonstrations: 1 }).demonstrations[0]!.completion).toEqual(whole);
  });

  it("names a prompt that is too long and its length", () => {
    expect(() => tldrTask({ posts: [row!], tokenizer, promptLength: length })).not.toThrow();
    expect(() => tldrTask({ posts: longRows, tokenizer, promptLength: length + 8 })).toThrow(
      new RegExp(
        `^long\\.jsonl, row 2: the prompt has ${tokenizer.encode(long).length} tokens, but promptLength is ${length + 8}: `,
      ),
    );
  });

  it("trims a long prompt so that TL;DR: stays", () => {
    const trimmed = tldrTask({ posts: longRows, tokenizer, promptLength: length + 8, longPrompts: "trim" });
    for (const { prompt } of trimmed.data(1, { ...zero, demonstrations: 2 }).demonstrations) {
      expect(prompt.tokens.length).toBeLessThanOrEqual(length + 8);
      expect(trimmed.text(prompt.tokens)).toBe(prompt.text);
      expect(prompt.text).toMatch(/[.?]\n\nTL;DR:$/);
      expect(prompt.title).toMatch(/^My car is/);
    }
    expect(() => tldrTask({ posts: longRows, tokenizer, promptLength: 10, longPrompts: "trim" })).toThrow(
      /^long\.jsonl, row 1: the prompt has \d+ tokens, but promptLength is 10, which is too few even without the post/,
    );
  });
});

describe("the parts of one seed's data", () => {
  it("share no prompt and are the same again, for any sizes that there are rows for", () => {
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

  it("differ between seeds", () => {
    expect(partsOf(1, sizes).evaluation).not.toEqual(partsOf(2, sizes).evaluation);
    expect(partsOf(1, sizes).pairs).not.toEqual(partsOf(2, sizes).pairs);
  });

  it("keep their first items, and do not move one another, within their shares", () => {
    const most = { demonstrations: 10, pairs: 25, validation: 10, evaluation: 10 };
    const all = partsOf(4, most);
    const within = fc.record({
      demonstrations: fc.nat(10),
      pairs: fc.nat(25),
      validation: fc.nat(10),
      evaluation: fc.nat(10),
    });
    fc.assert(
      fc.property(within, (asked) => {
        const found = partsOf(4, asked);
        for (const part of ["demonstrations", "pairs", "validation", "evaluation"] as const) {
          expect(found[part]).toEqual(all[part].slice(0, asked[part]));
        }
      }),
    );
  });

  it("use posts that have preferences last", () => {
    const preferred = new Set(preferences.map(({ prompt }) => prompt));
    const { demonstrations, validation, evaluation } = partsOf(3, sizes);
    expect([...demonstrations, ...validation, ...evaluation].some((text) => preferred.has(text))).toBe(false);
    const many = partsOf(3, { ...sizes, demonstrations: 20 });
    expect(many.demonstrations.filter((text) => preferred.has(text)).length).toBe(8);
  });

  it("come from posts alone or preferences alone too", () => {
    const fromPosts = tldrTask({ posts, tokenizer });
    const asked = { demonstrations: 10, pairs: 10, validation: 10, evaluation: 10 };
    expect(new Set(Object.values(partsOf(1, asked, fromPosts)).flat()).size).toBe(40);
    expect(fromPosts.data(1, asked).pairs).toBeUndefined();
    const fromPairs = tldrTask({ preferences, tokenizer });
    const parts = partsOf(1, { demonstrations: 6, pairs: 8, validation: 6, evaluation: 6 }, fromPairs);
    expect(new Set([...parts.demonstrations, ...parts.validation, ...parts.evaluation]).size).toBe(18);
    const used = new Set([...parts.demonstrations, ...parts.validation, ...parts.evaluation]);
    expect(parts.pairs.some((text) => used.has(text))).toBe(false);
  });

  it("count a prompt that occurs in two posts once", () => {
    const again = rowsOf([{ ...stories[0]!, completion: " second summary" }, ...stories.slice(0, 3)], "x");
    const twice = tldrTask({ posts: again, tokenizer });
    const { demonstrations } = twice.data(1, { ...zero, demonstrations: 3 });
    expect(demonstrations.map(({ prompt }) => prompt.reference)).toContain("second summary");
    expect(() => twice.data(1, { ...zero, demonstrations: 4 })).toThrow(
      /holds 3 posts with different prompts/,
    );
  });
});

describe("bad input", () => {
  it("is named where more is asked for than there is", () => {
    expect(() => task.data(1, { ...sizes, demonstrations: 30 })).toThrow(
      "is asked for 30 demonstrations, 8 validation and 10 evaluation posts and 20 pairs, but holds 40 posts " +
        "with different prompts and 40 preferences, which leaves 22 for demonstrations",
    );
    expect(() => task.data(1, { ...zero, pairs: 41 })).toThrow(/which leaves 40 for pairs: ask for fewer/);
    expect(() => task.data(1, { ...zero, pairs: 1.5 })).toThrow(
      "number of pairs must be a whole number from 0",
    );
  });

  it("is named where rows are of the wrong kind or there are none", () => {
    expect(() => tldrTask({ posts: preferences, tokenizer })).toThrow(
      'pairs.jsonl, row 1: has no "completion"',
    );
    expect(() => tldrTask({ posts, preferences: posts, tokenizer })).toThrow(
      'posts.jsonl, row 1: has no "chosen"',
    );
    expect(() => tldrTask({ posts: [], tokenizer })).toThrow(/needs rows: give posts, preferences or both/);
  });

  it("is named where a text spells a special token", () => {
    const spelt = rowsOf([stories[0]!, { ...stories[1]!, completion: "a<|endoftext|> b" }], "x.jsonl");
    expect(() => tldrTask({ posts: spelt, tokenizer })).toThrow(
      `x.jsonl, row 2: "completion" spells the tokenizer's end-of-text token`,
    );
  });

  it("is named where an option is wrong", () => {
    expect(() => tldrTask({ posts, tokenizer, promptLength: 0 })).toThrow(
      /promptLength must be a whole number/,
    );
    expect(() => tldrTask({ posts, tokenizer, completionLength: 2.5 })).toThrow(
      /completionLength must be .* not 2.5/,
    );
    expect(() => tldrTask({ posts, tokenizer, tau: 0 })).toThrow(/tau must be a number above 0/);
    expect(() => tldrTask({ posts, tokenizer, longPrompts: "cut" as never })).toThrow(
      /"error" or "trim", not "cut"/,
    );
  });
});

const folder = fileURLToPath(new URL("../../../../shared/data/tldr/", import.meta.url));
describe.skipIf(!existsSync(folder))("real rows (skipped where ../shared/data/tldr is absent)", () => {
  it("are read, encoded and split", () => {
    const [realPosts, realPreferences] = [
      readRows(`${folder}posts.jsonl`),
      readRows(`${folder}preferences.jsonl`),
    ];
    expect([realPosts.length, realPreferences.length]).toEqual([217, 215]);
    const texts = [...realPosts, ...realPreferences].flatMap((row) =>
      [row.prompt, row.completion, row.chosen, row.rejected].filter((text) => text !== undefined),
    );
    const learnt = trainTokenizer(texts, { vocabSize: 2000 });
    for (const text of texts) expect(learnt.decode(learnt.encode(text))).toBe(text);
    const options = { posts: realPosts, preferences: realPreferences, tokenizer: learnt };
    expect(() => tldrTask({ ...options, promptLength: 300 })).toThrow(
      /^posts\.jsonl, row \d+: the prompt has \d+ tokens/,
    );
    const real = tldrTask({ ...options, promptLength: 300, longPrompts: "trim" });
    const data = real.data(1, { demonstrations: 120, pairs: 215, validation: 40, evaluation: 57 });
    for (const prompt of [...data.prompts, ...data.demonstrations.map((sample) => sample.prompt)]) {
      expect(prompt.tokens.length).toBeLessThanOrEqual(300);
      expect(prompt.text.endsWith("\n\nTL;DR:")).toBe(true);
      expect(parsePost(prompt.text)!.post.length).toBeGreaterThan(40);
    }
    for (const { prompt, completion } of data.evaluation) {
      expect(real.score(prompt, completion)).toBeLessThan(1);
      expect(completion.length).toBeLessThanOrEqual(53);
    }
  });
});
