import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cli } from "../src/cli.ts";
import { plansOf } from "../src/experiments/programme.ts";
import { tldrConfig, tldrPlans } from "../src/experiments/tldr/plan.ts";
import { UsageError } from "../src/files/usage-error.ts";
import { leftovers } from "../src/pipeline/leftovers.ts";
import { taskAndData } from "../src/pipeline/stage-inputs.ts";
import { openStore } from "../src/pipeline/store.ts";
import type { SeedPlan } from "../src/results/plan.ts";
import { locateTldrFiles } from "../src/tasks/tldr/locate.ts";
import type { TldrPrompt } from "../src/tasks/tldr/task.ts";
import { chatServer, type Received } from "./judge/chat-server.ts";
import { temporaryFolder } from "./temporary.ts";
import { writeRows } from "./tldr-rows.ts";

const KEY = "sk-secret-12345678";
const MAIN = ["--only", "01-main-comparison.yaml", "--preset", "smoke"];
const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 0, finished: "", code: "" };
let store: string;

beforeEach(() => {
  store = temporaryFolder("runs");
  vi.stubEnv("ALLROADS_RUNS", store);
  vi.stubEnv("ALLROADS_FROM", "");
  vi.stubEnv("OPENAI_API_KEY", KEY);
});
afterEach(() => vi.unstubAllEnvs());

/** Stores evaluations of "sft" that say the reference twice on every third prompt and are empty on the others. */
function evaluate(plans: readonly SeedPlan[]): void {
  for (const { evaluations } of plans) {
    const stage = evaluations.find(({ label }) => label.id === "sft")!.stage;
    const { task, data } = taskAndData(stage.setting);
    const completions = data.evaluation.map(({ completion }, at) =>
      at % 3 === 0 ? [...completion.slice(0, -1), ...completion] : [task.vocabulary.eos],
    );
    openStore(store).write(stage, { evaluation: { completions } } as never, provenance);
  }
}

/** A command's exit status and output. */
async function said(...argv: string[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const status = await cli(argv, (line) => lines.push(line));
  return { status, lines };
}

/** Prefers the summary that is not empty, the first if neither is. */
const longer = ({ content }: Received) => {
  const [, a = ""] = /Summary A:\n([\s\S]*?)\n\n### Summary B:/.exec(content) ?? [];
  return `Comparison: One says more.\nPreferred: ${a.trim() === "" ? "B" : "A"}`;
};

describe("allroads judge", () => {
  test("judges all seeds of an arm by a chat model, after an estimate, and sends nothing twice", async () => {
    evaluate(plansOf("01-main-comparison", "smoke"));
    const server = await chatServer(longer);
    const options = ["--model", "judge", "--base-url", server.baseUrl, "--prompts", "6"];
    const dry = await said(
      "judge",
      "sft",
      ...MAIN,
      ...options,
      "--dry-run",
      "--price-in",
      "2.5",
      "--price-out",
      "10",
    );
    expect(dry.lines).toEqual([
      expect.stringMatching(/^judge needs 12 answers, .* which cost 0\.\d+ at the given prices/),
    ]);
    expect(server.received).toEqual([]);
    const { status, lines } = await said("judge", "sft", ...MAIN, ...options);
    expect(status).toBe(0);
    expect(lines[0]).toMatch(/^judge needs 12 answers, of which 0 are here already\./);
    expect(lines[1]).toMatch(/^ +judge +95 % interval +note$/);
    expect(lines[2]).toMatch(/^win rate, % +\d+\.\d +-?\d+\.\d to \d+\.\d +12 of 12 contests, 2 seeds$/);
    expect(lines.join("\n")).toMatch(/^the first text wins, % +\d/m);
    expect(lines.at(-1)).toBe(`The answers are in ${path.join(store, ".judge")}.`);
    const again = await said("judge", "sft", ...MAIN, ...options);
    expect(again.lines.slice(1)).toEqual(lines.slice(1));
    expect(server.received).toHaveLength(12);
    const written = readdirSync(store, { recursive: true, encoding: "utf8" });
    expect(written.filter((name) => name.startsWith(".judge") && name.endsWith(".json"))).toHaveLength(12);
  });

  test("judges by gold, one seed if told so, and sends nothing", async () => {
    const plans = plansOf("01-main-comparison", "smoke");
    evaluate(plans);
    const seed = String(plans[0]?.seed);
    const { lines } = await said("judge", "sft", ...MAIN, "--scorer", "gold", "--seed", seed);
    expect(lines[0]).toMatch(/^ +gold +95 % interval/);
    expect(lines[1]).toMatch(/^win rate, % +\d+\.\d .* contests, 1 seed$/);
    expect(lines.join("\n")).toContain("the judge is shown no order");
  });

  test("leaves the commands on the run store as they were", async () => {
    evaluate(plansOf("01-main-comparison", "smoke"));
    const server = await chatServer(longer);
    await said("judge", "sft", ...MAIN, "--model", "judge", "--base-url", server.baseUrl, "--prompts", "2");
    expect((await said("runs", "list")).lines).toHaveLength(2);
    expect((await said("runs", "verify")).lines).toEqual(["2 of 2 stages are sound."]);
    expect(readdirSync(store)).toContain(".judge");
    expect((await leftovers(store, () => false)).unneeded).toEqual([]);
  });

  test("takes the human summaries of real posts as references, or the task's", async () => {
    const rows = temporaryFolder("rows");
    writeRows(rows, 60);
    vi.stubEnv("ALLROADS_TLDR", rows);
    const plans = tldrPlans(tldrConfig("smoke", await locateTldrFiles(rows)), "smoke");
    evaluate(plans);
    const { data } = taskAndData(plans[0]!.evaluations[0]!.stage.setting);
    const { reference, title } = data.evaluation[1]!.prompt as TldrPrompt;
    const server = await chatServer(longer);
    const options = ["--only", "02", "--preset", "smoke", "--model", "judge", "--base-url", server.baseUrl];
    await said("judge", "sft", ...options);
    const asked = server.received.map(({ content }) => content);
    expect(asked.some((content) => content.includes(`\n${reference}\n`))).toBe(true);
    await said("judge", "sft", ...options, "--against", "task");
    const others = server.received.slice(asked.length).map(({ content }) => content);
    expect(others.some((content) => content.includes(`\n${reference}\n`))).toBe(false);
    expect(others.some((content) => content.split(title.slice(0, 10)).length > 2)).toBe(true);
  });

  test("passes on the prompt, the order and the parameters", async () => {
    evaluate(plansOf("01-main-comparison", "smoke"));
    const server = await chatServer(() => "A");
    const prompt = path.join(temporaryFolder("prompt"), "prompt.txt");
    writeFileSync(prompt, "{{post}}/{{summarya}}/{{summaryb}}?");
    const chat = ["--model", "judge", "--base-url", server.baseUrl, "--prompts", "1", "--prompt", prompt];
    const more = ["--order", "both", "--parameter", "temperature=0", "--parameter", "user=me"];
    const { lines } = await said("judge", "sft", ...MAIN, ...chat, ...more);
    expect(server.received).toHaveLength(4);
    expect(server.received[0]?.body).toMatchObject({ temperature: 0, user: "me" });
    expect(server.received[0]?.content).toMatch(/^.*\/.*\/.*\?$/);
    expect(lines.join("\n")).toMatch(/^the same winner in both orders, % +0\.0/m);
  });

  test.each<[string[], string]>([
    [["judge"], "Name an experiment: --only 01-main-comparison, for example."],
    [["judge", ...MAIN], "Name an arm: sft, dpo, dpo-2x"],
    [["judge", "sfd", ...MAIN], 'There is no arm "sfd": did you mean "sft"?'],
    [["judge", "sft", ...MAIN, "--seed", "7"], "No plan has seed 7: there are 21, 22."],
    [["judge", "sft", ...MAIN, "--scorer", "gold", "--model", "x"], "--model is for chat models"],
    [
      ["judge", "sft", ...MAIN, "--scorer", "gold", "--against", "human"],
      "--against human is for chat models",
    ],
    [["judge", "sft", ...MAIN, "--scorer", "glod"], 'There is no scorer "glod": did you mean "gold"?'],
    [["judge", "sft", ...MAIN, "--against", "human"], "The prompts of this task have no human summary"],
    [["judge", "sft", ...MAIN, "--price-in", "2"], "Give both prices"],
    [["judge", "sft", ...MAIN, "--rate", "fast"], '--rate is "fast": give a number above 0.'],
    [["judge", "sft", ...MAIN, "--prompts", "0"], '--prompts is "0": give a number above 0.'],
    [["judge", "sft", ...MAIN, "--parameter", "cold"], '--parameter is "cold": give NAME=VALUE'],
    [["judge", "sft", ...MAIN, "--prompt", "/nowhere.txt"], "The prompt /nowhere.txt could not be read"],
    [["judge", "sft", "--only", "00"], "There is nothing to judge: no experiment belongs to 00."],
  ])("%j is refused", async (argv, message) => {
    evaluate(plansOf("01-main-comparison", "smoke"));
    const error = await said(...argv).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(message);
  });

  test("says which variable to set, and what to train, before anything is sent", async () => {
    await expect(said("judge", "sft", ...MAIN)).rejects.toThrow(
      /no evaluation of "sft" on seed 21: train it first/,
    );
    evaluate(plansOf("01-main-comparison", "smoke"));
    vi.stubEnv("OPENAI_API_KEY", "");
    const chat = ["--base-url", "https://judge.invalid/v1"];
    await expect(said("judge", "sft", ...MAIN, ...chat)).rejects.toThrow(
      "There is no key for judge.invalid: set the environment variable OPENAI_API_KEY",
    );
  });
});
