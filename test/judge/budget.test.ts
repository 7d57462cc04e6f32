import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkBudget, estimatedTokens, exceeded, usage } from "../../src/judge/budget.ts";
import { fillPrompt, paperPrompt } from "../../src/judge/prompt.ts";

describe("budgets", () => {
  test("count requests, tokens both ways and money", () => {
    const used = usage(3, { input: 1_000_000, output: 200_000 }, { input: 2.5, output: 10 });
    expect(used).toEqual({ requests: 3, inputTokens: 1_000_000, outputTokens: 200_000, money: 4.5 });
    expect(usage(1, { input: 1, output: 1 }, undefined)).not.toHaveProperty("money");
    expect(exceeded({}, used)).toBeUndefined();
    expect(exceeded({ requests: 3, tokens: 1_200_000, money: 4.5 }, used)).toBeUndefined();
    expect(exceeded({ requests: 2 }, used)).toBe("3 requests, and the budget is 2");
    expect(exceeded({ tokens: 1_199_999 }, used)).toBe("1200000 tokens, and the budget is 1199999");
    expect(exceeded({ money: 4 }, used)).toBe("4.50 in money, and the budget is 4");
  });

  test("are numbers from 0, and of money only with prices", () => {
    expect(() => checkBudget({ tokens: Number.NaN }, undefined)).toThrow(
      '"tokens" must be a number from 0, not NaN.',
    );
    expect(() => checkBudget({}, { input: -1, output: 0 })).toThrow(
      '"input" must be a number from 0, not -1.',
    );
    expect(() => checkBudget({ money: 1 }, undefined)).toThrow("A budget of money needs the prices");
  });

  test("bound the answer by what the parameters allow", () => {
    expect(estimatedTokens("x".repeat(400), {})).toEqual({ input: 108, output: 100 });
    expect(estimatedTokens("", { max_tokens: 7 }).output).toBe(7);
    expect(estimatedTokens("", { max_completion_tokens: 9, max_tokens: "many" }).output).toBe(9);
  });
});

test("the README says what the paper's 600 prompts take at most", () => {
  const [post, summary] = ["x".repeat(4 * 512), "x".repeat(4 * 53)];
  const message = fillPrompt(paperPrompt, { post, summarya: summary, summaryb: summary });
  const { input, output } = estimatedTokens(message, {});
  const { money } = usage(600, { input: 600 * input, output: 600 * output }, { input: 2.5, output: 10 });
  const readme = readFileSync(new URL("../../src/judge/README.md", import.meta.url), "utf8");
  const count = (value: number) => value.toLocaleString("en-US");
  expect(readme).toContain(
    `${count(600 * input)} tokens of messages and ${count(600 * output)} of answers for each policy and seed`,
  );
  expect(readme).toContain(`2.5 and 10 for a million tokens that is ${money?.toFixed(2)}`);
});
