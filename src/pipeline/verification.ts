import { bestOfN } from "../evaluation/best-of-n.ts";
import { meanProbability, pairwiseAccuracy } from "../evaluation/verification.ts";
import { deltaBits } from "../models/quantised-delta.ts";
import { goldScorer, type Scorer, samplesOfPrompts } from "../tasks/task.ts";
import { randomStream } from "../tensors/random.ts";
import { sampledPrompts } from "./samples.ts";
import { isModelStage, type ScorerSpec } from "./scorers.ts";
import { policySize } from "./sft.ts";
import { samplesOf } from "./shared-stages.ts";
import type { PolicyStage, Setting, Stage, Trained } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";

/** A scorer's scores and the gold rewards of the same samples, [prompt][completion]. */
export interface Verification {
  readonly scores: readonly (readonly number[])[];
  readonly gold: readonly (readonly number[])[];
  /** Gold rewards of the prompts' reference completions, [prompt]; absent from results that are older than this field. */
  readonly referenceRewards?: readonly number[];
  /** 1 for each sample that breaks the task's form, else 0. */
  readonly malformed?: readonly (readonly (0 | 1)[])[];
  /** Whether the annotator prefers the first of each two consecutive samples, [prompt][pair]; absent without an annotator. */
  readonly labels?: readonly (readonly boolean[])[];
  /** Code length of the rounded change by fine-tuning, in bits in all; absent unless `bits` was given. */
  readonly deltaBits?: number;
}

/** What a scorer is judged by. Arrays are over prompts. */
export interface VerificationRecord {
  /** How often it orders two samples as gold does; prompts whose pairs are all tied by gold are left out. */
  readonly accuracy: readonly number[];
  /** Accuracy over well-formed pairs, pooled over prompts; absent if there are none. */
  readonly wellFormedAccuracy?: number;
  /** Mean probability given to the annotator's labels; absent without an annotator. */
  readonly probability?: readonly number[];
  /** The share of the annotator's labels that it orders as the annotator does; absent without one, and from earlier records. */
  readonly labelAccuracy?: readonly number[];
  /** Gold reward of the best of N samples by its scores, and by gold itself. */
  readonly bestOf: readonly BestOf[];
  /** Gold rewards of the reference completions of the same prompts; absent from earlier records. */
  readonly referenceRewards?: readonly number[];
  readonly oracle: readonly BestOf[];
  readonly deltaBits?: number;
}

/** Gold rewards of the best of `n` samples, by prompt. */
export interface BestOf {
  readonly n: number;
  readonly values: readonly number[];
}

/**
 * Scores of one policy's samples of held-out prompts, beside their gold rewards: for accuracy and best-of-N. The
 * prompts are those of the stage's own setting, which may have another task than the scorer's.
 */
export interface VerificationStage
  extends Stage<{
    readonly result: { readonly verification: Verification };
    readonly record: { readonly verification: VerificationRecord };
  }> {
  readonly kind: "verification";
  readonly policy: PolicyStage;
  readonly scorer: ScorerSpec;
  readonly split: "validation" | "evaluation";
  readonly prompts: number;
  readonly completions: number;
  readonly temperature: number;
  /** Rounds what training changed in the scorer to this many bits per number; default no rounding. */
  readonly bits?: number;
}

/** A verification stage. */
export function verificationStage(
  setting: Setting,
  options: Omit<VerificationStage, "kind" | "setting">,
): VerificationStage {
  return { kind: "verification", setting, ...options };
}

const BEST_OF = [1, 2, 5, 10, 25];

/** How verification stages are computed and recorded. */
export const verification: StageKind<VerificationStage> = {
  kind: "verification",
  run({ scorer, bits, ...stage }, inputs) {
    const { task, data, read } = inputs;
    const { completions, setting } = stage;
    const drawn = samplesOf(stage);
    const prompts = sampledPrompts(drawn, inputs);
    const drawnCompletions = read(drawn).completions;
    const samples = prompts.map((prompt, index) => ({ prompt, completions: drawnCompletions[index]! }));
    const flat = samplesOfPrompts(prompts, drawnCompletions);
    const byPrompt = (score: Scorer) => {
      const scores = Array.from(score(flat));
      return prompts.map((_, index) => scores.slice(index * completions, (index + 1) * completions));
    };
    return {
      verification: {
        scores: byPrompt(inputs.scorer(scorer, drawn, bits)),
        gold: byPrompt(goldScorer(task)),
        referenceRewards: [...goldScorer(task)(data[stage.split].slice(0, stage.prompts))],
        malformed: samples.map(({ prompt, completions }) =>
          completions.map((completion) => (task.isMalformed(prompt, completion) ? 1 : 0)),
        ),
        labels:
          task.prefer &&
          samples.map(({ prompt, completions }, index) => {
            const stream = randomStream(setting.seed, "verification-labels", index);
            return disjointPairs(completions).map(([first, second]) =>
              task.prefer!(prompt, first, second, stream),
            );
          }),
        deltaBits:
          bits === undefined || !isModelStage(scorer) || scorer.policy === undefined
            ? undefined
            : deltaBits(read<Trained>(scorer).model, read(scorer.policy).model, bits),
      },
    };
  },
  record: ({ verification }) => ({ verification: verificationRecord(verification) }),
  cost: ({ policy, prompts, completions }) => policySize(policy) * prompts * completions,
};

function verificationRecord({
  scores,
  gold,
  referenceRewards,
  malformed,
  labels,
  deltaBits,
}: Verification): VerificationRecord {
  const scored = scores.map(pairDifferences);
  const truth = gold.map(pairDifferences);
  const wellFormed = truth.flatMap((differences, prompt) =>
    differences.flatMap((difference, pair) => {
      const hasMalformed = malformed?.[prompt]?.slice(2 * pair, 2 * pair + 2).includes(1);
      return hasMalformed === false && difference !== 0
        ? [{ difference, scored: scored[prompt]![pair]! }]
        : [];
    }),
  );
  const labelled = labels?.map((firstPreferred, prompt) =>
    scored[prompt]!.map((difference, pair) => (firstPreferred[pair] ? difference : -difference)),
  );
  const ns = BEST_OF.filter((n) => gold.every(({ length }) => n <= length));
  const best = (by: Verification["scores"]) => ns.map((n) => ({ n, values: bestOfN(by, gold, n) }));
  return {
    accuracy: truth.flatMap((differences, prompt) =>
      differences.some((difference) => difference !== 0)
        ? [pairwiseAccuracy(scored[prompt]!, differences)]
        : [],
    ),
    wellFormedAccuracy:
      wellFormed.length === 0
        ? undefined
        : pairwiseAccuracy(
            wellFormed.map((pair) => pair.scored),
            wellFormed.map((pair) => pair.difference),
          ),
    probability: labelled?.map(meanProbability),
    labelAccuracy: labelled?.map((differences) =>
      pairwiseAccuracy(
        differences,
        differences.map(() => 1),
      ),
    ),
    bestOf: best(scores),
    oracle: best(gold),
    referenceRewards,
    deltaBits,
  };
}

/** A prompt's samples in disjoint pairs: the first and second, the third and fourth, and so on. */
function disjointPairs<T>(samples: readonly T[]): [T, T][] {
  return Array.from({ length: Math.floor(samples.length / 2) }, (_, pair) => [
    samples[2 * pair]!,
    samples[2 * pair + 1]!,
  ]);
}

/** The first less the second of each disjoint pair. */
function pairDifferences(values: readonly number[]): number[] {
  return disjointPairs(values).map(([first, second]) => first - second);
}
