import { z } from "zod";
import { validated } from "../files/data-files.ts";
import { randomStream, uniform } from "../tensors/random.ts";
import { readChoice } from "./answer.ts";
import { answersFolder, type ChatRequest, openAnswers } from "./answer-cache.ts";
import { type Asked, askAll, type Pace } from "./ask-all.ts";
import { type Budget, checkBudget, estimatedTokens, exceeded, type Prices, usage } from "./budget.ts";
import { openEndpoint, RequestError } from "./chat-request.ts";
import { type EndpointOptions, endpointOf, keyOf } from "./endpoint.ts";
import type { Estimate, Judge, Judgement, Showing, TextContest } from "./judge.ts";
import { checkPrompt, fillPrompt, type JudgePrompt, paperPrompt } from "./prompt.ts";

/** Options of `chatJudge`. Those of the endpoint, the prompt and the order change verdicts, the others do not. */
export interface ChatJudgeOptions extends EndpointOptions, Pace {
  /** Default the paper's. */
  readonly prompt?: JudgePrompt;
  /**
   * "drawn", the default, as in the paper: which text comes first is drawn for each prompt, the same for all policies and
   * models. "both": each contest is shown in both orders, which takes two answers; one that decides otherwise in the other
   * order is a tie.
   */
  readonly order?: "drawn" | "both";
  readonly budget?: Budget;
  /** Prices of a million tokens, for the estimate and a budget of money. */
  readonly prices?: Prices;
  /** The folder of answers, default `.judge` in the run store. */
  readonly folder?: string;
}

const number = z.number().nonnegative().optional();
const schema = z.strictObject({
  prompt: z.string().optional(),
  order: z.enum(["drawn", "both"]).optional(),
  budget: z.strictObject({ requests: number, tokens: number, money: number }).optional(),
  prices: z.strictObject({ input: z.number(), output: z.number() }).optional(),
  folder: z.string().min(1).optional(),
  concurrency: z.int().min(1).optional(),
  requestsPerMinute: z.number().positive().optional(),
  retries: z.int().min(0).optional(),
  firstPause: z.number().nonnegative().optional(),
});

/**
 * A judge behind an OpenAI-compatible chat endpoint. Its key is read from the environment when the first answer is needed
 * that the cache lacks, and is written nowhere. Before that, judging throws if the estimate exceeds the budget. Throws if an
 * option is unknown or wrong.
 */
export function chatJudge(options: ChatJudgeOptions): Judge<TextContest> {
  const { model, baseUrl, keyVariable, parameters, timeout, ...rest } = options;
  const endpoint = endpointOf({ model, baseUrl, keyVariable, parameters, timeout });
  const {
    prompt = paperPrompt,
    order = "drawn",
    budget = {},
    prices,
    folder = answersFolder(),
    ...pace
  } = validated(schema, rest, "The judge");
  checkPrompt(prompt);
  checkBudget(budget, prices);
  const requestOf = ({ text }: TextContest, completionFirst: boolean): ChatRequest => ({
    ...endpoint,
    message: fillPrompt(prompt, {
      post: text.prompt,
      summarya: completionFirst ? text.completion : text.reference,
      summaryb: completionFirst ? text.reference : text.completion,
    }),
  });
  /** How a contest is shown: not at all if its texts are equal, which is a tie. */
  const shown = (contest: TextContest) => {
    const { completion, reference } = contest.text;
    if (completion.trim() === reference.trim()) return [];
    const orders = order === "both" ? [true, false] : [drawnOrder(contest)];
    return orders.map((completionFirst) => ({
      completionFirst,
      request: requestOf(contest, completionFirst),
    }));
  };

  const estimate = (contests: readonly TextContest[]): Estimate => {
    const cache = openAnswers(folder);
    const unique = new Map(contests.flatMap(shown).map(({ request }) => [request.message, request]));
    const missing = [...unique.values()].filter((request) => cache.read(request) === undefined);
    const each = missing.map(({ message }) => estimatedTokens(message, endpoint.parameters));
    const sum = (part: "input" | "output") => each.reduce((total, tokens) => total + tokens[part], 0);
    return {
      answers: unique.size,
      cached: unique.size - missing.length,
      needed: usage(missing.length, { input: sum("input"), output: sum("output") }, prices),
    };
  };

  return {
    name: model,
    estimate,
    async judge(contests, hooks = {}) {
      const { needed } = estimate(contests);
      if (needed.requests > 0) keyOf(endpoint);
      const problem = exceeded(budget, needed);
      if (problem !== undefined)
        throw new Error(`Judging takes about ${problem}: raise it, or judge fewer prompts.`);
      const showings = contests.map(shown);
      const answers = await askAll(
        showings.flat().map(({ request }) => request),
        { ...hooks, pace, budget, prices, cache: openAnswers(folder), open: () => openEndpoint(endpoint) },
      );
      const next = answers.values();
      return showings.map((own) =>
        judgement(own.map(({ completionFirst }) => showing(completionFirst, next.next().value!))),
      );
    },
  };
}

/**
 * Whether the completion comes first, drawn from the stream of the contest's seed and prompt: the same for every policy and
 * every judge, and whichever other prompts are judged.
 */
export function drawnOrder({ seed, text }: TextContest): boolean {
  return uniform(randomStream(seed, "judge", "order", text.prompt)) < 0.5;
}

function showing(completionFirst: boolean, answer: Asked): Showing {
  if (answer instanceof RequestError) return { completionFirst, prefersCompletion: "no answer" };
  const choice = readChoice(answer);
  return {
    completionFirst,
    prefersCompletion: choice === "A" || choice === "B" ? (choice === "A") === completionFirst : choice,
  };
}

/** The mean of what the showings say, none if one of them has no verdict; a tie without showings. */
function judgement(showings: readonly Showing[]): Judgement {
  if (showings.length === 0) return { outcome: 0.5 };
  let wins = 0;
  for (const { prefersCompletion } of showings) {
    if (typeof prefersCompletion === "string") return { outcome: prefersCompletion, showings };
    wins += Number(prefersCompletion);
  }
  return { outcome: wins / showings.length, showings };
}
