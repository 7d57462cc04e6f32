import { tf } from "../tensors/backend.ts";

/**
 * -log σ(chosen - rejected), averaged over pairs (Bradley and Terry, 1952). Rewards are float32 [B]. Computed as
 * softplus of the negative margin, which does not overflow.
 */
export function bradleyTerryLoss(chosen: tf.Tensor1D, rejected: tf.Tensor1D): tf.Scalar {
  return tf.mean(tf.softplus(tf.sub(rejected, chosen)));
}

/**
 * The implicit reward r = β log π/π_ref of completions, float32 [B] (Rafailov et al., arXiv 2305.18290, eq. 5).
 * Without a reference r = β log π, the reward of a local reward model.
 */
export function implicitReward(
  logps: tf.Tensor1D,
  reference: tf.Tensor1D | undefined,
  beta: number,
): tf.Tensor1D {
  return tf.mul(reference === undefined ? logps : tf.sub(logps, reference), beta);
}

/** What a preference loss is computed from, for B pairs: float32 [B] each. */
export interface PairRewards {
  /** `implicitReward` of the chosen and the rejected completions, r⁺ and r⁻ below. */
  readonly chosen: tf.Tensor1D;
  readonly rejected: tf.Tensor1D;
  /** The numbers of tokens that the rewards sum over. */
  readonly chosenTokens: tf.Tensor1D;
  readonly rejectedTokens: tf.Tensor1D;
  /** True reward of the chosen minus that of the rejected completion, if the pairs have it. */
  readonly rewardDifferences?: tf.Tensor1D;
}

/** The constants of preference losses, under TRL's names. */
export interface PreferenceLossOptions {
  /** β: how strongly the policy is held to its reference. */
  readonly beta: number;
  /** "robust" only: the probability, in [0, 0.5), that a preference is flipped. Default 0. */
  readonly label_smoothing?: number;
}

/** A loss on pairs, averaged over them: a float32 scalar. Each also serves without a reference. */
export type PreferenceLoss = (rewards: PairRewards, options: PreferenceLossOptions) => tf.Scalar;

/** DPO: -log σ(r⁺ - r⁻) (Rafailov et al., arXiv 2305.18290, eq. 7). TRL's "sigmoid". */
export const dpoLoss: PreferenceLoss = ({ chosen, rejected }) => bradleyTerryLoss(chosen, rejected);

/**
 * IPO: ((r⁺/|y⁺| - r⁻/|y⁻|) / β - 1/(2β))² (Azar et al., arXiv 2310.12036, eq. 17), with log-ratios per token, as in
 * TRL and, according to TRL, in the paper's experiments.
 */
export const ipoLoss: PreferenceLoss = ({ chosen, rejected, chosenTokens, rejectedTokens }, { beta }) => {
  const perToken = (reward: tf.Tensor1D, tokens: tf.Tensor1D) => tf.div(reward, tf.maximum(tokens, 1));
  const margin = tf.sub(perToken(chosen, chosenTokens), perToken(rejected, rejectedTokens));
  return tf.mean(tf.square(tf.sub(tf.div(margin, beta), 1 / (2 * beta))));
};

/**
 * Hinge: max(0, 1 - (r⁺ - r⁻)), SLiC's loss (Zhao et al., arXiv 2305.10425) on implicit rewards (Liu et al., arXiv
 * 2309.06657).
 */
export const hingeLoss: PreferenceLoss = ({ chosen, rejected }) =>
  tf.mean(tf.relu(tf.sub(1, tf.sub(chosen, rejected))));

/**
 * Robust DPO: [(1 - ε) (-log σ(r⁺ - r⁻)) - ε (-log σ(r⁻ - r⁺))] / (1 - 2ε), with ε = `label_smoothing`: an unbiased
 * estimate of DPO's loss from labels that are flipped with probability ε (Chowdhury et al., arXiv 2403.00409).
 */
export const robustLoss: PreferenceLoss = ({ chosen, rejected }, { label_smoothing: epsilon = 0 }) => {
  if (!(epsilon >= 0 && epsilon < 0.5))
    throw new Error(
      `label_smoothing must be at least 0 and below 0.5 for the robust loss, but is ${epsilon}.`,
    );
  const kept = tf.mul(bradleyTerryLoss(chosen, rejected), 1 - epsilon);
  const flipped = tf.mul(bradleyTerryLoss(rejected, chosen), epsilon);
  return tf.div(tf.sub(kept, flipped), 1 - 2 * epsilon);
};

/**
 * REBEL: ((r⁺ - r⁻) - Δr)², where Δr is the pair's difference of true rewards and β = 1/η (Gao et al., arXiv
 * 2404.16767). Throws if the pairs have no reward differences.
 */
export const rebelLoss: PreferenceLoss = ({ chosen, rejected, rewardDifferences }) => {
  if (rewardDifferences === undefined)
    throw new Error("The rebel loss regresses on reward differences: give each pair a rewardDifference.");
  return tf.mean(tf.square(tf.sub(tf.sub(chosen, rejected), rewardDifferences)));
};

/** The preference losses by their published names. */
export const preferenceLosses = {
  dpo: dpoLoss,
  ipo: ipoLoss,
  hinge: hingeLoss,
  robust: robustLoss,
  rebel: rebelLoss,
} as const satisfies Record<string, PreferenceLoss>;
/** The published name of a preference loss. */
export type PreferenceLossName = keyof typeof preferenceLosses;
