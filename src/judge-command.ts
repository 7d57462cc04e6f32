import { readFileSync } from "node:fs";
import { againstHumans, armContests, armIds, judgingText, planJudge } from "./experiments/judging.ts";
import { experimentsOf, plansOf } from "./experiments/programme.ts";
import { openTldr, tldrPlans, tldrSettings } from "./experiments/tldr/index.ts";
import { userPath } from "./files/repository.ts";
import { UsageError } from "./files/usage-error.ts";
import { answersFolder } from "./judge/answer-cache.ts";
import { type ChatJudgeOptions, chatJudge } from "./judge/chat-judge.ts";
import type { Contest, JudgeProgress, TextContest } from "./judge/judge.ts";
import { judgedWinRate } from "./judge/judged-win-rate.ts";
import type { JudgedWinRate } from "./judge/summary.ts";
import { estimateSentence, judgedRows } from "./judge/text.ts";
import { plainTable } from "./report/plain-table.ts";
import type { SeedPlan } from "./results/plan.ts";
import { presetNamed } from "./results/presets.ts";
import { findTldrFiles, locateTldrFiles, tldrFolders } from "./tasks/tldr/locate.ts";

/* The command `allroads judge`. */

type Options = ReadonlyMap<string, readonly string[]>;
type Print = (text: string) => void;

const CHAT_OPTIONS = [
  "model",
  "base-url",
  "key-variable",
  "prompt",
  "order",
  "parameter",
  "concurrency",
  "rate",
  "price-in",
  "price-out",
  "max-requests",
  "max-tokens",
  "max-money",
  "dry-run",
] as const;

/** Judges the completions of an arm that are in the run store, by a chat model or by a scorer of the experiment. */
export async function judgeArm(arm: string | undefined, options: Options, print: Print): Promise<number> {
  const last = (name: string) => options.get(name)?.at(-1);
  const scorer = last("scorer");
  const chatOption = CHAT_OPTIONS.find((name) => options.has(name));
  if (scorer !== undefined && chatOption !== undefined)
    throw new UsageError(`--${chatOption} is for chat models: leave out it or --scorer.`);
  const plans = await plansWith(arm, options);
  const contests = armContests(plans, String(arm), { prompts: number(options, "prompts") });
  const against = last("against") ?? (scorer === undefined && hasHumans(contests) ? "human" : "task");
  if (scorer !== undefined) {
    if (against === "human")
      throw new UsageError("--against human is for chat models: a scorer reads the task's tokens.");
    return report(await judgedWinRate(planJudge(plans, scorer), contests), print);
  }
  const judge = chatJudge(chatOptions(options));
  const texts: readonly TextContest[] = against === "human" ? againstHumans(contests) : contests;
  if (options.has("dry-run")) {
    print(estimateSentence(judge.name, judge.estimate!(texts)));
    return 0;
  }
  const display = progressLine();
  const rate = await judgedWinRate(judge, texts, { print, onProgress: display.update }).finally(display.end);
  const status = report(rate, print);
  print(`The answers are in ${answersFolder()}.`);
  return status;
}

function report(rate: JudgedWinRate, print: Print): number {
  const columns = ["", rate.judge, "95 % interval", "note"];
  const rows = judgedRows(rate).map((row) => [row.measure, row.value, row.interval, row.note]);
  for (const line of plainTable(columns, rows).toString().split("\n")) print(line);
  return 0;
}

const hasHumans = (contests: readonly Contest[]) =>
  contests.every(({ prompt }) => typeof (prompt as { readonly reference?: unknown }).reference === "string");

/** The plans of the experiment that has an arm, on all its seeds or on some. */
async function plansWith(arm: string | undefined, options: Options): Promise<SeedPlan[]> {
  const name = options.get("only")?.at(-1);
  if (name === undefined) throw new UsageError("Name an experiment: --only 01-main-comparison, for example.");
  const presetName = options.get("preset")?.at(-1);
  const named = experimentsOf([name]);
  // A notebook may show several experiments and have the name of one.
  const exact = named.filter(({ id }) => id === name);
  const experiments = (exact.length > 0 ? exact : named).map((one) => ({
    id: one.id,
    plans: plansOf(one, presetNamed(presetName)),
  }));
  const all =
    experiments.length > 0 ? experiments : [{ id: "02-real-tldr", plans: await realPosts(name, presetName) }];
  const ids = [...new Set(all.flatMap(({ plans }) => armIds(plans)))];
  if (arm === undefined) throw new UsageError(`Name an arm: ${ids.join(", ")}.`);
  const [found, other] = all.filter(({ plans }) => armIds(plans).includes(arm));
  if (other !== undefined)
    throw new UsageError(`"${arm}" is an arm of ${found?.id} and of ${other.id}: name one with --only.`);
  const plans = (found ?? all[0])?.plans ?? [];
  const seeds = options.get("seed")?.map(Number);
  const unused = seeds?.find((seed) => !plans.some((plan) => plan.seed === seed));
  if (unused !== undefined)
    throw new UsageError(
      `No plan has seed ${unused}: there are ${plans.map(({ seed }) => seed).join(", ")}.`,
    );
  return plans.filter(({ seed }) => seeds?.includes(seed) ?? true);
}

/** The plans of the notebook on real posts, with the rows and settings that its environment variables name. */
async function realPosts(name: string, presetName = "laptop"): Promise<SeedPlan[]> {
  if (!"02-real-tldr".startsWith(name.replace(/\.ipynb$/, "")))
    throw new UsageError(`There is nothing to judge: no experiment belongs to ${name}.`);
  const named = process.env.ALLROADS_TLDR;
  const files = named ? await locateTldrFiles(named) : await findTldrFiles(tldrFolders());
  if (files === undefined)
    throw new UsageError("There are no posts: name their files in ALLROADS_TLDR, as for the notebook.");
  const preset = tldrSettings(presetName);
  return tldrPlans(await openTldr(preset, files, { skipBad: process.env.ALLROADS_SKIP_BAD === "1" }), preset);
}

function chatOptions(options: Options): ChatJudgeOptions {
  const last = (name: string) => options.get(name)?.at(-1);
  const [input, output] = [number(options, "price-in"), number(options, "price-out")];
  if ((input === undefined) !== (output === undefined))
    throw new UsageError("Give both prices, --price-in and --price-out, or neither.");
  const file = last("prompt");
  return {
    model: last("model") ?? "gpt-4o",
    baseUrl: last("base-url"),
    keyVariable: last("key-variable"),
    parameters: parameters(options.get("parameter") ?? []),
    order: last("order") as ChatJudgeOptions["order"],
    ...(file !== undefined && { prompt: readPrompt(file) }),
    concurrency: number(options, "concurrency"),
    requestsPerMinute: number(options, "rate"),
    ...(input !== undefined && output !== undefined && { prices: { input, output } }),
    budget: {
      requests: number(options, "max-requests"),
      tokens: number(options, "max-tokens"),
      money: number(options, "max-money"),
    },
  };
}

function readPrompt(file: string): string {
  try {
    return readFileSync(userPath(file), "utf8");
  } catch (error) {
    throw new UsageError(`The prompt ${file} could not be read (${(error as Error).message}).`);
  }
}

/** A number above 0 that an option gives; undefined without it. */
function number(options: Options, name: string): number | undefined {
  const text = options.get(name)?.at(-1);
  if (text === undefined) return undefined;
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new UsageError(`--${name} is "${text}": give a number above 0.`);
}

/** Fields of the request from NAME=VALUE; a value that is no JSON is text. */
function parameters(given: readonly string[]): NonNullable<ChatJudgeOptions["parameters"]> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value = ""] = /^(\w+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined)
        throw new UsageError(`--parameter is "${text}": give NAME=VALUE, such as temperature=0.`);
      try {
        return [name, JSON.parse(value)];
      } catch {
        return [name, value];
      }
    }),
  );
}

/** Shows progress in a terminal on one line that is written over, elsewhere as a line every 30 seconds. */
function progressLine(out: Pick<NodeJS.WriteStream, "isTTY" | "columns" | "write"> = process.stdout) {
  let shown = performance.now();
  return {
    update(progress: JudgeProgress) {
      const text = judgingText(progress);
      if (out.isTTY) out.write(`\r\x1b[K${text.slice(0, (out.columns ?? 80) - 1)}`);
      else if (performance.now() - shown > 30_000) {
        out.write(`${text}\n`);
        shown = performance.now();
      }
    },
    end: () => {
      if (out.isTTY) out.write("\r\x1b[K");
    },
  };
}
