import { mean } from "../evaluation/statistics.ts";
import { normal } from "../tensors/random.ts";
import { promptsOf, sizesOf } from "./completions.ts";
import { klDivergence, largestDifference } from "./distributions.ts";
import { type Instances, type Measures, overInstances, randomSpaces } from "./instances.ts";
import { completionLogps, randomPolicy } from "./policies.ts";
import { exactPreferences, preferenceLoss, randomRewards } from "./preferences.ts";
import { gibbs, softOptimal, softReturns } from "./soft-rl.ts";

const CANDIDATES = 50;

/**
 * Lemma 2.1 on random rewards and policies: KL(P_π ‖ P*_r) = −H(π) − E_π[r] + log Z, averaged over prompts, with
 * the two sides computed apart, the left over completions and the right token by token; its consequences for the
 * optimum and for the best of a set of policies; and the invariance to a constant per prompt.
 */
export function lemmaMeasures(run: Instances): Measures {
  return overInstances("lemma", run, (stream, instance) => {
    const space = randomSpaces[instance % randomSpaces.length]!;
    const rewards = randomRewards(space, stream, 2);
    const target = gibbs(space, rewards);
    const optimum = softOptimal(space, rewards);
    const logZ = mean(optimum.logZ);
    const divergence = (logps: readonly number[]) => {
      const goal = promptsOf(space, target);
      return mean(promptsOf(space, logps).map((own, prompt) => klDivergence(own, goal[prompt]!)));
    };
    const candidates = Array.from({ length: CANDIDATES }, () => {
      const policy = randomPolicy(space, stream, 1.5);
      const softReturn = mean(softReturns(space, policy, rewards));
      return { softReturn, divergence: divergence(completionLogps(space, policy)) };
    });
    const nearest = candidates.reduce((one, other) => (other.divergence < one.divergence ? other : one));

    const { completions } = sizesOf(space);
    const constants = Array.from({ length: space.prompts }, () => 10 * normal(stream));
    const shifted = rewards.map((reward, at) => reward + constants[Math.floor(at / completions)]!);
    const preferences = exactPreferences(space, randomRewards(space, stream));
    return {
      "lemma-identity": Math.max(
        ...candidates.map((one) => Math.abs(one.divergence + one.softReturn - logZ)),
      ),
      "lemma-optimum": largestDifference(completionLogps(space, optimum.policy), target),
      "lemma-argmax": Math.max(...candidates.map((one) => one.softReturn)) - nearest.softReturn,
      "prompt-constants": Math.max(
        largestDifference(optimum.policy, softOptimal(space, shifted).policy),
        Math.abs(preferenceLoss(rewards, preferences).value - preferenceLoss(shifted, preferences).value),
      ),
    };
  });
}
