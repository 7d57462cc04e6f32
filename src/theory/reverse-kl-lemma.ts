import { mean } from "../evaluation/statistics.ts";
import { normal } from "../tensors/random.ts";
import { splitByPrompt } from "./completion-space.ts";
import { klDivergence, largestDifference } from "./distributions.ts";
import { completionLogps, randomPolicy } from "./policies.ts";
import { exactPreferences, preferenceLoss, randomRewards } from "./preferences.ts";
import { type Measures, measureInstances, type RandomInstances } from "./random-instances.ts";
import { gibbs, softOptimal, softReturns } from "./soft-rl.ts";

/** Number of random policies per instance. */
const CANDIDATES = 50;

/**
 * Lemma 2.1 on random rewards and policies: KL(P_π ‖ P*_r) = −H(π) − E_π[r] + log Z, averaged over prompts, with the
 * left side computed over completions and the right side token by token. Also its consequences, for the optimum and for
 * the best of a set of policies, and the invariance to adding a constant to all rewards of a prompt.
 */
export function lemmaMeasures(run: RandomInstances): Measures {
  return measureInstances("lemma", run, (stream, space) => {
    const rewards = randomRewards(space, stream, 2);
    const gibbsLogps = gibbs(space, rewards);
    const optimum = softOptimal(space, rewards);
    const logZ = mean(optimum.logZ);
    const divergence = (logps: readonly number[]) => {
      const targets = splitByPrompt(space, gibbsLogps);
      return mean(splitByPrompt(space, logps).map((own, prompt) => klDivergence(own, targets[prompt]!)));
    };
    const candidates = Array.from({ length: CANDIDATES }, () => {
      const policy = randomPolicy(space, stream, 1.5);
      const softReturn = mean(softReturns(space, policy, rewards));
      return { softReturn, divergence: divergence(completionLogps(space, policy)) };
    });
    const nearest = candidates.reduce((one, other) => (other.divergence < one.divergence ? other : one));

    const constants = Array.from({ length: space.prompts }, () => 10 * normal(stream));
    const shifted = splitByPrompt(space, rewards).flatMap((own, prompt) =>
      own.map((reward) => reward + constants[prompt]!),
    );
    const preferences = exactPreferences(space, randomRewards(space, stream));
    return {
      "lemma-identity": Math.max(
        ...candidates.map((one) => Math.abs(one.divergence + one.softReturn - logZ)),
      ),
      "lemma-optimum": largestDifference(completionLogps(space, optimum.policy), gibbsLogps),
      "lemma-argmax": Math.max(...candidates.map((one) => one.softReturn)) - nearest.softReturn,
      "prompt-constants": Math.max(
        largestDifference(optimum.policy, softOptimal(space, shifted).policy),
        Math.abs(preferenceLoss(rewards, preferences).value - preferenceLoss(shifted, preferences).value),
      ),
    };
  });
}
