/* GPT-NeoX: configuration, forward pass, batches, log-probabilities, sampling, scorers and checkpoints. */
export {
  type Batch,
  type CompletionGroup,
  checkGroups,
  chosenAndRejected,
  collate,
  decisions,
  type PaddedShape,
  paddedShape,
  pairGroups,
} from "./batch.ts";
export { loadPolicy, savePolicy } from "./checkpoint.ts";
export { forward, type Network, network, prefill, unembed } from "./decoder.ts";
export {
  type Head,
  type Model,
  type NeoXConfig,
  parameterCount,
  parameterShapes,
  vectorsOf,
} from "./gpt-neox.ts";
export { initialModel, rewardModelFrom } from "./initialization.ts";
export { logits, withNetwork } from "./network.ts";
export { nextTokenKl } from "./next-token-kl.ts";
export { deltaBits, quantisedDelta } from "./quantised-delta.ts";
export { completionPositions, lastToken, type RewardReadout, rolloutRewardBatch } from "./reward-head.ts";
export { rollout } from "./rollout.ts";
export { type SamplingOptions, type SamplingRequest, sample } from "./sampling.ts";
export {
  dpoScorer,
  globalScorer,
  localScorer,
  policyEntropy,
  policyKl,
  policyLogps,
} from "./scorers.ts";
export {
  batchedInference,
  groupLogps,
  type Scoring,
  sequenceLogps,
  tokenLogits,
  tokenLogps,
} from "./scoring.ts";
