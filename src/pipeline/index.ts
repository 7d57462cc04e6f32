/* Stages: one step of an experiment as plain data, computed once, and the store of their results. */
export { type CheckpointStage, checkpointStage } from "./checkpoint.ts";
export { type ChosenSftStage, chosenSftStage } from "./chosen-sft.ts";
export { type Evaluation, type EvaluationStage, evaluationStage } from "./evaluation.ts";
export { type ExecutionProgress, execute } from "./execute.ts";
export { type FlippedPairsStage, flippedPairsStage } from "./flipped-pairs.ts";
export { type OfflinePairsStage, offlinePairsStage } from "./offline-pairs.ts";
export { type OnlinePairsStage, onlinePairsStage } from "./online-pairs.ts";
export type { PairsStage } from "./pairs.ts";
export { defaultPool, inlinePool, type Pool, processPool } from "./pool.ts";
export { type PreferenceStage, preferenceStage } from "./preference.ts";
export { type PublishedRewardStage, publishedRewardStage } from "./published-reward.ts";
export { type RelabelledPairsStage, relabelledPairsStage } from "./relabelled-pairs.ts";
export { type RewardStage, rewardStage } from "./reward-model.ts";
export { type RlooStage, rlooStage } from "./rloo.ts";
export { runStage } from "./run-stage.ts";
export { builtInScorers, type ScorerMaker, type ScorerSpec } from "./scorers.ts";
export { type SftStage, sftStage } from "./sft.ts";
export {
  definitionId,
  type PolicyStage,
  parents,
  type RewardModelStage,
  type Setting,
  type Stage,
} from "./stage.ts";
export { stageId, withAncestors } from "./stage-id.ts";
export { locateStart, type Start, type StartSource, startTokenizer } from "./start.ts";
export { openStore, type Provenance, type RunStore } from "./store.ts";
export { type Verification, type VerificationStage, verificationStage } from "./verification.ts";
