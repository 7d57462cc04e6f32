import { models, type pipeline } from "allroads";

/*
 * A scorer, which ranks completions. From a notebook, with a laboratory `lab`:
 *
 *   const scorer = userCode("notebooks/examples/scorer.ts", "likelihoodPerToken");
 *   const policy = lab.online(lab.sft, { scorer });
 *   const judgedScorer = judged(label("per-token", "Likelihood per token", "#8a5ba6"), lab.verification(scorer));
 */

/** The log-likelihood per token under the policy whose samples are scored. */
export const likelihoodPerToken: pipeline.ScorerMaker = (task, sampler) => (samples) => {
  const logps = models.policyLogps(task, sampler, samples);
  return samples.map(({ completion }, index) => logps[index]! / completion.length);
};
