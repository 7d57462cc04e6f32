import { mean } from "../evaluation/statistics.ts";
import { policyKl } from "../models/scorers.ts";
import { goldScorer, type Sample } from "../tasks/task.ts";
import { policySize } from "./sft.ts";
import { type PolicyStage, rootPolicy, type Stage } from "./stage.ts";
import { drawAtTemperatures, type StageKind } from "./stage-inputs.ts";

/** A policy on held-out prompts. Arrays are over the split's prompts, in order. */
export interface Evaluation {
  readonly completions: readonly (readonly number[])[];
  /** Gold rewards of the greedy completions. */
  readonly greedyRewards: readonly number[];
  /** Gold rewards of one sample per prompt at temperature 1. */
  readonly sampledRewards: readonly number[];
  /** Gold rewards of the reference completions. */
  readonly referenceRewards: readonly number[];
  /** The highest gold reward of any completion, if the task knows it. */
  readonly optima?: readonly number[];
  /** Nats per decided token at temperature 1. */
  readonly entropy: number;
  /** KL(π ‖ reference) in nats per completion, at temperature 1; absent without a reference. */
  readonly kl?: number;
  /** Fraction of greedy completions that break the task's form. */
  readonly malformed: number;
  /** Fraction of the samples at temperature 1 that break the task's form; absent from earlier records. */
  readonly malformedSampled?: number;
  /** Mean tokens of a greedy completion, `eos` included. */
  readonly length: number;
  /** Mean gold reward and entropy at falling temperatures; on the evaluation split only. */
  readonly frontier?: readonly FrontierPoint[];
}

/** A policy sampled at one temperature: mean gold reward, and entropy in nats per decided token. */
export interface FrontierPoint {
  readonly temperature: number;
  readonly reward: number;
  readonly entropy: number;
}

/** An evaluation with the completions of the first prompts only, and the mean of the optima. */
export interface EvaluationRecord extends Omit<Evaluation, "optima"> {
  readonly optimum?: number;
}

/** Evaluation of a policy on held-out prompts: greedy, at several temperatures, and its KL from a reference. */
export interface EvaluationStage
  extends Stage<{
    readonly result: { readonly evaluation: Evaluation };
    readonly record: { readonly evaluation: EvaluationRecord };
  }> {
  readonly kind: "evaluation";
  readonly policy: PolicyStage;
  readonly split: "validation" | "evaluation";
  readonly reference?: PolicyStage;
}

/** An evaluation stage. On the evaluation split the reference is the policy that training began with. */
export function evaluationStage(policy: PolicyStage, split: EvaluationStage["split"]): EvaluationStage {
  return {
    kind: "evaluation",
    setting: policy.setting,
    policy,
    split,
    ...(split === "evaluation" && { reference: rootPolicy(policy) }),
  };
}

const FRONTIER_TEMPERATURES = [1, 0.7, 0.5, 0.35, 0.25];
const RECORDED_COMPLETIONS = 8;

/** How evaluation stages are computed and recorded. */
export const evaluation: StageKind<EvaluationStage> = {
  kind: "evaluation",
  async run({ policy, split, reference, setting: { seed } }, inputs) {
    const { task, data, read } = inputs;
    const { model } = read(policy);
    const references = data[split];
    const prompts = references.map(({ prompt }) => prompt);
    const gold = goldScorer(task);
    const temperatures = split === "evaluation" ? [0, ...FRONTIER_TEMPERATURES] : [0, 1];
    const draw = { purpose: `evaluation-${split}`, seed };
    const drawn = await drawAtTemperatures(inputs, model, prompts, temperatures, draw);
    const at = (temperature: number) => temperatures.indexOf(temperature);
    const samplesAt = (temperature: number): Sample[] =>
      prompts.map((prompt, index) => ({ prompt, completion: drawn[index]!.completions[at(temperature)]! }));
    const entropyAt = (temperature: number) =>
      mean(drawn.flatMap(({ entropies }) => entropies[at(temperature)]!));
    const malformedShare = (samples: readonly Sample[]) =>
      mean(samples.map(({ prompt, completion }) => Number(task.isMalformed(prompt, completion))));
    const [greedy, sampled] = [samplesAt(0), samplesAt(1)];
    const frontier = (split === "evaluation" ? FRONTIER_TEMPERATURES : []).map(
      (temperature): FrontierPoint => ({
        temperature,
        reward: mean([...gold(samplesAt(temperature))]),
        entropy: entropyAt(temperature),
      }),
    );
    return {
      evaluation: {
        completions: greedy.map(({ completion }) => completion),
        greedyRewards: [...gold(greedy)],
        sampledRewards: [...gold(sampled)],
        referenceRewards: [...gold(references)],
        optima: task.optimum && prompts.map((prompt) => task.optimum!(prompt)),
        entropy: entropyAt(1),
        kl: reference && policyKl(task, model, read(reference).model, sampled),
        malformed: malformedShare(greedy),
        malformedSampled: malformedShare(sampled),
        length: mean(greedy.map(({ completion }) => completion.length)),
        frontier: frontier.length > 0 ? frontier : undefined,
      },
    };
  },
  record({ evaluation: { optima, completions, ...rest } }) {
    return {
      evaluation: {
        ...rest,
        completions: completions.slice(0, RECORDED_COMPLETIONS),
        optimum: optima && mean(optima),
      },
    };
  },
  cost: ({ policy, split, setting: { sizes } }) =>
    policySize(policy) * (split === "evaluation" ? 10 : 3) * sizes[split],
};
