import { minimize, type ValueAndGradient } from "./bfgs.ts";
import { type CompletionSpace, splitByPrompt, treeSizes } from "./completion-space.ts";
import { largestDifference, logSoftmax } from "./distributions.ts";
import {
  completionLogps,
  logitGradient,
  type Policy,
  parentNode,
  policyFromLogits,
  randomPolicy,
} from "./policies.ts";
import { randomRewards } from "./preferences.ts";
import { type Measures, measureInstances, type RandomInstances } from "./random-instances.ts";
import { softOptimal, softReturns } from "./soft-rl.ts";

/*
 * The game that relates SPIN to SFT: max over local rewards log P_π′, min over policies π, of
 * E_D[log P_π′] − E_π[log P_π′] − H(π). The demonstrations D are given as the share of each completion among the
 * demonstrations of its prompt, [prompts × completions]; prompts have equal weight.
 */

/**
 * The game's value at π′ when the opponent π plays its best response, and its gradient in the logits of π′. The best
 * response comes from soft value iteration on the local reward; the gradient there is that of
 * E_D[log P_π′] − E_π[log P_π′] with π held fixed (Danskin's theorem).
 */
export function spinGame(
  space: CompletionSpace,
  policy: Policy,
  demonstrations: readonly number[],
): ValueAndGradient {
  const localRewards = completionLogps(space, policy);
  const response = softOptimal(space, localRewards).policy;
  const likelihood = demonstrations.reduce((sum, share, at) => sum + share * localRewards[at]!, 0);
  const returns = softReturns(space, response, localRewards).reduce((sum, each) => sum + each, 0);
  const responseLogps = completionLogps(space, response);
  const slopes = demonstrations.map((share, at) => (share - Math.exp(responseLogps[at]!)) / space.prompts);
  return { value: (likelihood - returns) / space.prompts, gradient: logitGradient(space, policy, slopes) };
}

/** The SFT objective E_D[log P_π] and its gradient in the logits. */
export function sftLogLikelihood(
  space: CompletionSpace,
  policy: Policy,
  demonstrations: readonly number[],
): ValueAndGradient {
  const logps = completionLogps(space, policy);
  return {
    value: demonstrations.reduce((sum, share, at) => sum + share * logps[at]!, 0) / space.prompts,
    gradient: logitGradient(
      space,
      policy,
      demonstrations.map((share) => share / space.prompts),
    ),
  };
}

/** The π′ that maximises the game's value, found by gradient ascent from the uniform policy. */
export function solveSpinGame(space: CompletionSpace, demonstrations: readonly number[]): Policy {
  const start = new Array<number>(space.prompts * treeSizes(space).edges).fill(0);
  const { at } = minimize((logits) => {
    const { value, gradient } = spinGame(space, policyFromLogits(space, logits), demonstrations);
    return { value: -value, gradient: gradient.map((slope) => -slope) };
  }, start);
  return policyFromLogits(space, at);
}

/** The SFT policy in closed form: after each prefix, the frequencies of next tokens among the demonstrations. */
export function sftPolicy(space: CompletionSpace, demonstrations: readonly number[]): Policy {
  const { prefixes, edges } = treeSizes(space);
  const { actions } = space;
  return splitByPrompt(space, demonstrations).flatMap((shares) => {
    const below = [...new Array<number>(prefixes).fill(0), ...shares];
    for (let edge = edges - 1; edge >= 0; edge--) below[parentNode(space, edge)]! += below[edge + 1]!;
    return Array.from({ length: prefixes }, (_, prefix) =>
      logSoftmax(below.slice(prefix * actions + 1, (prefix + 1) * actions + 1).map(Math.log)),
    ).flat();
  });
}

/** The equality of the game and SFT in value, gradient and optimum, on random demonstrations and policies. */
export function spinMeasures(run: RandomInstances): Measures {
  return measureInstances("spin", run, (stream, space) => {
    const demonstrations = splitByPrompt(space, randomRewards(space, stream)).flatMap((own) =>
      logSoftmax(own).map(Math.exp),
    );
    const policy = randomPolicy(space, stream);
    const game = spinGame(space, policy, demonstrations);
    const sft = sftLogLikelihood(space, policy, demonstrations);
    return {
      "spin-value": Math.abs(game.value - sft.value),
      "spin-gradient": Math.max(...game.gradient.map((slope, at) => Math.abs(slope - sft.gradient[at]!))),
      "spin-optimum": largestDifference(
        solveSpinGame(space, demonstrations),
        sftPolicy(space, demonstrations),
      ),
    };
  });
}
