import type { Usage } from "./judge.ts";

/** The most that one run may use. What is left out has no bound. */
export interface Budget {
  /** Requests, repeated ones included. */
  readonly requests?: number;
  /** Tokens, of messages and answers together. */
  readonly tokens?: number;
  /** In the currency of the prices. */
  readonly money?: number;
}

/** Prices of a million tokens, in any currency. */
export interface Prices {
  readonly input: number;
  readonly output: number;
}

/** What a request is going to use. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
}

/** Tokens of an answer in the paper's form, one sentence and a letter, if nothing bounds it: rather too many. */
const ANSWER_TOKENS = 100;
/** Bytes of a message per token: English text has a little more with the tokenizers of current models. */
const BYTES_PER_TOKEN = 4;
/** Tokens that frame a message. */
const FRAME = 8;

/** The tokens of a request, estimated from the message's length and from a bound on the answer in the parameters. */
export function estimatedTokens(message: string, parameters: Readonly<Record<string, unknown>>): Tokens {
  const bounds = [parameters.max_tokens, parameters.max_completion_tokens].filter(
    (bound): bound is number => typeof bound === "number",
  );
  return {
    input: Math.ceil(Buffer.byteLength(message) / BYTES_PER_TOKEN) + FRAME,
    output: Math.min(ANSWER_TOKENS, ...bounds),
  };
}

/** Requests and tokens with what they cost. */
export function usage(requests: number, { input, output }: Tokens, prices: Prices | undefined): Usage {
  return {
    requests,
    inputTokens: input,
    outputTokens: output,
    ...(prices && { money: (input * prices.input + output * prices.output) / 1e6 }),
  };
}

/** Throws if a budget or prices are not numbers from 0, or if a budget of money has no prices. */
export function checkBudget(budget: Budget, prices: Prices | undefined): void {
  for (const [name, value] of [...Object.entries(budget), ...Object.entries(prices ?? {})])
    if (value !== undefined && !(value >= 0))
      throw new Error(`The budget's or the prices' "${name}" must be a number from 0, not ${value}.`);
  if (budget.money !== undefined && prices === undefined)
    throw new Error("A budget of money needs the prices of a million tokens: give { input, output }.");
}

/** What of a budget a usage exceeds, in words; undefined if nothing. */
export function exceeded(
  budget: Budget,
  { requests, inputTokens, outputTokens, money }: Usage,
): string | undefined {
  const tokens = inputTokens + outputTokens;
  if (requests > (budget.requests ?? Infinity))
    return `${requests} requests, and the budget is ${budget.requests}`;
  if (tokens > (budget.tokens ?? Infinity)) return `${tokens} tokens, and the budget is ${budget.tokens}`;
  if ((money ?? 0) > (budget.money ?? Infinity))
    return `${(money ?? 0).toPrecision(3)} in money, and the budget is ${budget.money}`;
  return undefined;
}
