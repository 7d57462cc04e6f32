import { describe, expect, test } from "vitest";
import { readChoice } from "../../src/judge/answer.ts";

const read = (text: string) => readChoice({ text, finish: "stop" });

describe("readChoice", () => {
  test.each([
    "Comparison: A covers more.\nPreferred: A",
    'Comparison: Better.\nPreferred: "A"',
    "Comparison: Better.\n\nPreferred: “A”.",
    "**Comparison:** Better.\n**Preferred:** A",
    "Preferred: **A**",
    "Preferred: Summary A",
    "preferred: a",
    "PREFERRED: A",
    "Preferred: <A>",
    "Preferred: [[A]]",
    "Preferred: (A)",
    "Preferred:\nA",
    "Preferred:\n\n  A\n",
    "Preferred - both are fine, but\nPreferred: A",
    "Preferred: A.",
    "Preferred: A, because it is shorter than B.",
    "Preferred: A (more concise)",
    "Preferred: A over B",
    "Preferred: Ａ",
    "Preferred: 𝐀",
    "Preferred summary: A",
    "Comparison: B wanders, A does not. Preferred: A",
    "Comparison: A is preferred: it is short.\nPreferred: A",
    "Preference = A",
    '{"Comparison": "B is long", "Preferred": "A"}',
    "- Preferred: A",
    "### Preferred: A",
    "A",
    "a.",
    '"A"',
    "Summary A",
    "It is close, but one is clearer.\nA",
    "The better summary is A.",
    "I prefer Summary A.",
    "Final answer: A",
    "The answer is $\\boxed{A}$\nAnswer: $\\boxed{\\text{A}}$",
    "<think>Preferred: B? No.</think>Comparison: Fine.\nPreferred: A",
    "Preferred: A\nPreferred: A",
  ])("reads A in %j", (text) => {
    expect(read(text)).toBe("A");
    const mirrored = text.replaceAll(/[AB]\b|[𝐀Ａ]|\ba\b(?=\.?$)/gu, (letter) =>
      letter === "B" ? "A" : "B",
    );
    expect(read(mirrored)).toBe("B");
  });

  test.each([
    "",
    "Both are good.",
    'Preferred: <"A" or "B">',
    "Preferred: A or B",
    "Preferred: A/B",
    "Preferred: A, B",
    "Preferred: A and B are equally good",
    "Preferred: neither",
    "Preferred: a tie",
    "Preferred: Both",
    "Preferred: C",
    "Preferred:",
    "Preferred: A\nOn second thought.\nPreferred: B",
    "A summary should be short.",
    "Another point\nApples",
    "Comparison: A is better.",
  ])("does not read a choice in %j", (text) => {
    expect(read(text)).toBe("unreadable");
  });

  test("tells refusals and cut answers from unreadable ones, but reads the choice of those that have one", () => {
    expect(read("I'm sorry, but I can't help with that.")).toBe("refused");
    expect(read("I cannot compare these.")).toBe("refused");
    expect(readChoice({ text: "", refusal: "I will not." })).toBe("refused");
    expect(readChoice({ text: "", finish: "content_filter" })).toBe("refused");
    expect(readChoice({ text: "Comparison: Both", finish: "length" })).toBe("cut off");
    expect(readChoice({ text: "<think>\nPreferred: A", finish: "length" })).toBe("cut off");
    expect(readChoice({ text: "Preferred: B", finish: "length" })).toBe("B");
    expect(read("I can tell that one is shorter.\nPreferred: A")).toBe("A");
  });
});
