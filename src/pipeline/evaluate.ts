import { mean } from "../evaluation/statistics.ts";
import type { Model } from "../models/gpt-neox.ts";
import { policyEntropy, policyKl } from "../models/scorers.ts";
import { goldScorer } from "../tasks/scorers.ts";
import type { Prompt, Sample, Scorer } from "../tasks/task.ts";
import { randomStream } from "../tensors/random.ts";
import { openScorer, scorerDeltaBits } from "./scorers.ts";
import type { EvaluationStage, VerificationStage } from "./stage.ts";
import { readModel, type StageInputs, samplesOf } from "./stage-inputs.ts";
import type { Evaluation, FrontierPoint, Verification } from "./store.ts";

/** The temperatures of an evaluation's frontier. */
const FRONTIER = [1, 0.7, 0.5, 0.35, 0.25];

/** A policy on held-out prompts. */
export async function evaluate(materials: StageInputs, stage: EvaluationStage): Promise<Evaluation> {
  const { store, task, data } = materials;
  const policy = readModel(store, stage.policy);
  const references = data[stage.split];
  const prompts = references.map(({ prompt }) => prompt);
  const gold = goldScorer(task);
  const complete = async (temperature: number): Promise<Sample[]> => {
    const draw = { purpose: `evaluation-${stage.split}`, completions: 1, seed: stage.setting.seed };
    const samples = await samplesOf(materials, policy, prompts, { ...draw, temperature });
    return prompts.map((prompt, index) => ({ prompt, completion: samples[index]![0]! }));
  };
  const greedy = await complete(0);
  const sampled = await complete(1);
  const frontier: FrontierPoint[] = [];
  for (const temperature of stage.split === "evaluation" ? FRONTIER : []) {
    const own = temperature === 1 ? sampled : await complete(temperature);
    const entropy = policyEntropy(task, policy, own, temperature);
    frontier.push({ temperature, reward: mean([...gold(own)]), entropy });
  }
  return {
    completions: greedy.map(({ completion }) => completion),
    greedyRewards: [...gold(greedy)],
    sampledRewards: [...gold(sampled)],
    referenceRewards: [...gold(references)],
    optima: task.optimum && prompts.map((prompt) => task.optimum!(prompt)),
    entropy: frontier[0]?.entropy ?? policyEntropy(task, policy, sampled),
    kl: stage.reference && policyKl(task, policy, readModel(store, stage.reference), sampled),
    malformed: mean(greedy.map(({ prompt, completion }) => Number(task.isMalformed(prompt, completion)))),
    length: mean(greedy.map(({ completion }) => completion.length)),
    frontier: frontier.length > 0 ? frontier : undefined,
  };
}

/** A verifier on a policy's samples of held-out prompts. */
export async function verify(materials: StageInputs, stage: VerificationStage): Promise<Verification> {
  const { store, task, data } = materials;
  const { scorer, completions, temperature, bits, setting } = stage;
  const policy = readModel(store, stage.policy);
  const prompts = data[stage.split].slice(0, stage.prompts).map(({ prompt }) => prompt);
  const samples = await verificationSamples(materials, stage, policy, prompts, { completions, temperature });
  const flat = prompts.flatMap((prompt, index) =>
    samples[index]!.map((completion) => ({ prompt, completion })),
  );
  const byPrompt = (scorer: Scorer) => {
    const scores = Array.from(scorer(flat));
    return prompts.map((_, index) => scores.slice(index * completions, (index + 1) * completions));
  };
  return {
    scores: byPrompt(openScorer(store, task, scorer, policy, bits)),
    gold: byPrompt(goldScorer(task)),
    malformed: prompts.map((prompt, index) =>
      samples[index]!.map((one) => (task.isMalformed(prompt, one) ? 1 : 0)),
    ),
    labels:
      task.prefer &&
      prompts.map((prompt, index) => {
        const stream = randomStream(setting.seed, "verification-labels", index);
        return pairsOf(samples[index]!).map(([first, second]) => task.prefer!(prompt, first, second, stream));
      }),
    deltaBits: bits === undefined ? undefined : scorerDeltaBits(store, scorer, bits),
  };
}

function verificationSamples(
  materials: StageInputs,
  { setting, split }: VerificationStage,
  policy: Model,
  prompts: readonly Prompt[],
  draw: { readonly completions: number; readonly temperature: number },
): Promise<number[][][]> {
  const purpose = split === "evaluation" ? "verification" : `verification-${split}`;
  return samplesOf(materials, policy, prompts, { ...draw, purpose, seed: setting.seed });
}

/** Disjoint pairs of a prompt's samples: the first and second, the third and fourth, and so on. */
function pairsOf<T>(samples: readonly T[]): [T, T][] {
  return Array.from({ length: Math.floor(samples.length / 2) }, (_, pair) => [
    samples[2 * pair]!,
    samples[2 * pair + 1]!,
  ]);
}
