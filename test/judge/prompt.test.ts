import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { checkPrompt, fillPrompt, paperPrompt } from "../../src/judge/prompt.ts";

const texts = { post: " a post\n", summarya: "one", summaryb: "two " };

describe("the paper's prompt", () => {
  test("has the bytes of the paper's code", () => {
    expect(createHash("sha256").update(paperPrompt).digest("hex")).toBe(
      "28993470fded20125d29841c4f1a3dc453ec4cbaaaf32b742e86b898d34ad01a",
    );
  });

  test("is filled with trimmed texts", () => {
    const filled = fillPrompt(paperPrompt, texts);
    expect(filled).toContain(
      "### Post:\na post\n\n### Summary A:\none\n\n### Summary B:\ntwo\n\n### Instructions:",
    );
    expect(filled).not.toMatch(/[{}]/);
  });
});

describe("other prompts", () => {
  test("leave what looks like a place in a text as it is", () => {
    const filled = fillPrompt("{{post}}|{{summarya}}|{{summaryb}}", {
      post: "{{summaryb}} $& $1",
      summarya: "{{post}}",
      summaryb: "B",
    });
    expect(filled).toBe("{{summaryb}} $& $1|{{post}}|B");
  });

  test("need all three places and no other", () => {
    expect(() => checkPrompt("{{post}} {{summarya}} {{summaryb}} {{post}}")).not.toThrow();
    expect(() => checkPrompt("{{post}} {{summarya}}")).toThrow("The judge's prompt lacks {{summaryb}}:");
    expect(() => checkPrompt("{{post}} {{summarya}} {{summaryb}} {{title}}")).toThrow(
      "has an unknown place {{title}}: it needs {{post}}, {{summarya}} and {{summaryb}}.",
    );
  });
});
