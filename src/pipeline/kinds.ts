/*
 * Every kind of stage, under the name that stages give in `kind`: a new one is a file in this folder and a line here.
 * This module only lists them: a stage's id has a digest of the code behind its own line, not of the others.
 */
export { checkpoint } from "./checkpoint.ts";
export { chosenSft as "chosen-sft" } from "./chosen-sft.ts";
export { evaluation } from "./evaluation.ts";
export { flippedPairs as "flipped-pairs" } from "./flipped-pairs.ts";
export { logps } from "./logps.ts";
export { offlinePairs as "offline-pairs" } from "./offline-pairs.ts";
export { onlinePairs as "online-pairs" } from "./online-pairs.ts";
export { preference } from "./preference.ts";
export { publishedReward as "published-reward" } from "./published-reward.ts";
export { relabelledPairs as "relabelled-pairs" } from "./relabelled-pairs.ts";
export { reward } from "./reward-model.ts";
export { rloo } from "./rloo.ts";
export { samples } from "./samples.ts";
export { sft } from "./sft.ts";
export { verification } from "./verification.ts";
