/* The folder of every experiment. To add an experiment, add its folder here. */
export * as dataFraction from "./data-fraction/index.ts";
export * as dataWidth from "./data-width/index.ts";
export * as gain from "./gain/index.ts";
export * as generalisation from "./generalisation/index.ts";
export * as horizon from "./horizon/index.ts";
export * as instrument from "./instrument/index.ts";
export * as mainComparison from "./main-comparison/index.ts";
export * as onPolicyFeedback from "./on-policy-feedback/index.ts";
export * as optimisation from "./optimisation/index.ts";
export * as properLearning from "./proper-learning/index.ts";
export * as regularisation from "./regularisation/index.ts";
export * as rewardModelSize from "./reward-model-size/index.ts";
export * as rougeL from "./rouge-l/index.ts";
export * as theory from "./theory/index.ts";
export * as tldr from "./tldr/index.ts";
export * as tuned from "./tuned/index.ts";
export * as twoWords from "./two-words/index.ts";
