/* Judges: a gold reward, a reward model or a chat model decide whether completions beat their references. */
export { readChoice } from "./answer.ts";
export { answersFolder } from "./answer-cache.ts";
export type { Pace } from "./ask-all.ts";
export type { Budget, Prices } from "./budget.ts";
export { type ChatJudgeOptions, chatJudge } from "./chat-judge.ts";
export type { EndpointOptions } from "./endpoint.ts";
export {
  type Contest,
  type Estimate,
  type Judge,
  type JudgeHooks,
  type Judgement,
  type JudgeProgress,
  type NoVerdict,
  type Showing,
  scorerJudge,
  type TextContest,
  type Usage,
} from "./judge.ts";
export { type JudgedWinRateOptions, judgedWinRate } from "./judged-win-rate.ts";
export { type JudgePrompt, paperPrompt } from "./prompt.ts";
export { type JudgedWinRate, summarise } from "./summary.ts";
export { estimateSentence, judgedRows, usageText } from "./text.ts";
