import { promptsOf, type Space, sizesOf } from "./completions.ts";
import { largestDifference, logSoftmax } from "./distributions.ts";
import { type Instances, type Measures, overInstances, randomSpaces } from "./instances.ts";
import { minimise, type ValueAndGradient } from "./minimise.ts";
import { completionLogps, logitGradient, type Policy, parentOf, policyOf, randomPolicy } from "./policies.ts";
import { randomRewards } from "./preferences.ts";
import { softOptimal, softReturns } from "./soft-rl.ts";

/*
 * The game behind SPIN's relation to SFT: over local rewards log P_π′ the one side maximises, over policies π the
 * other minimises, E_D[log P_π′] − E_π[log P_π′] − H(π). Demonstrations D are given by the share of each completion
 * among those of its prompt, [prompts × completions]; prompts count alike.
 */

/**
 * The game's value at π′ with the opponent at its best response, and its gradient in the logits of π′. The best
 * response is found by soft value iteration on the local reward; at it the gradient is that of the difference of
 * two expectations (Danskin's theorem).
 */
export function gameAgainst(
  space: Space,
  policy: Policy,
  demonstrations: readonly number[],
): ValueAndGradient {
  const local = completionLogps(space, policy);
  const response = softOptimal(space, local).policy;
  const told = demonstrations.reduce((sum, share, at) => sum + share * local[at]!, 0);
  const returns = softReturns(space, response, local).reduce((sum, each) => sum + each, 0);
  const responded = completionLogps(space, response);
  const slopes = demonstrations.map((share, at) => (share - Math.exp(responded[at]!)) / space.prompts);
  return { value: (told - returns) / space.prompts, gradient: logitGradient(space, policy, slopes) };
}

/** The SFT objective E_D[log P_π] and its gradient in the logits. */
export function demonstrationLikelihood(
  space: Space,
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

/** The π′ at which the game's value is highest, found by its gradient alone from the uniform policy. */
export function gameSolution(space: Space, demonstrations: readonly number[]): Policy {
  const start = new Array<number>(space.prompts * sizesOf(space).edges).fill(0);
  const { at } = minimise((logits) => {
    const { value, gradient } = gameAgainst(space, policyOf(space, logits), demonstrations);
    return { value: -value, gradient: gradient.map((slope) => -slope) };
  }, start);
  return policyOf(space, at);
}

/** The SFT policy in closed form: after every prefix the share of each next token among the demonstrations. */
export function frequencies(space: Space, demonstrations: readonly number[]): Policy {
  const { prefixes, edges } = sizesOf(space);
  const { actions } = space;
  return promptsOf(space, demonstrations).flatMap((own) => {
    const below = [...new Array<number>(prefixes).fill(0), ...own];
    for (let edge = edges - 1; edge >= 0; edge--) below[parentOf(space, edge)]! += below[edge + 1]!;
    return Array.from({ length: prefixes }, (_, prefix) =>
      logSoftmax(below.slice(prefix * actions + 1, (prefix + 1) * actions + 1).map(Math.log)),
    ).flat();
  });
}

/** The derived equality of the game and SFT, on random demonstrations and policies. */
export function spinMeasures(run: Instances): Measures {
  return overInstances("spin", run, (stream, instance) => {
    const space = randomSpaces[instance % randomSpaces.length]!;
    const demonstrations = promptsOf(space, randomRewards(space, stream)).flatMap((own) =>
      logSoftmax(own).map(Math.exp),
    );
    const policy = randomPolicy(space, stream);
    const game = gameAgainst(space, policy, demonstrations);
    const sft = demonstrationLikelihood(space, policy, demonstrations);
    return {
      "spin-value": Math.abs(game.value - sft.value),
      "spin-gradient": Math.max(...game.gradient.map((slope, at) => Math.abs(slope - sft.gradient[at]!))),
      "spin-optimum": largestDifference(
        gameSolution(space, demonstrations),
        frequencies(space, demonstrations),
      ),
    };
  });
}
