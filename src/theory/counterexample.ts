import { uniform } from "../tensors/random.ts";
import type { CompletionSpace } from "./completion-space.ts";
import { expectation, klDivergence } from "./distributions.ts";
import { localRewards, policyClass } from "./function-classes.ts";
import { completionLogps } from "./policies.ts";
import { type Comparison, preferenceLoss, preferenceProbability } from "./preferences.ts";
import { type Measures, measureInstances, type RandomInstances } from "./random-instances.ts";
import { klRegularisedRewards, softOptimal } from "./soft-rl.ts";

/*
 * The slides' example of partial coverage: three completions ξ1, ξ2, ξ3. The reference policy writes ξ1 and ξ2 with
 * probability ½ each and never ξ3, and the data say only that ξ1 is better than ξ2.
 */

const SPACE: CompletionSpace = { prompts: 1, actions: 3, horizon: 1 };
const REFERENCE = [Math.log(0.5), Math.log(0.5), -Infinity] as const;
const DATA: readonly Comparison[] = [{ chosen: 0, rejected: 1, weight: 1 }];
/** The slides' rewards: 1 for ξ1, 0 for ξ2. That of ξ3 is unknown and has no effect. */
const rewardsWith = (unseen: number) => [1, 0, unseen];

/** Probabilities of ξ1, ξ2, ξ3. */
export type Probabilities = readonly [number, number, number];

function toProbabilities(logps: readonly number[]): Probabilities {
  const [first, second, third] = logps;
  if (first === undefined || second === undefined || third === undefined)
    throw new Error(`The example has three completions, not ${logps.length}.`);
  return [Math.exp(first), Math.exp(second), Math.exp(third)];
}

/** The policy that maximises E_π[r] − β KL(π ‖ π_ref) when the reward model gives ξ3 the reward `unseen`. */
export function counterexampleRlhf(beta: number, unseen = 0): Probabilities {
  const { policy } = softOptimal(SPACE, klRegularisedRewards(rewardsWith(unseen), REFERENCE, beta));
  return toProbabilities(completionLogps(SPACE, policy));
}

/** DPO's loss of a policy, −log σ(β [log π/π_ref (ξ1) − log π/π_ref (ξ2)]), nats. */
export function counterexampleLoss([first, second]: Probabilities, beta: number): number {
  const localReward = (p: number, reference: number) => beta * (Math.log(p) - reference);
  return preferenceLoss([localReward(first, REFERENCE[0]), localReward(second, REFERENCE[1])], DATA).value;
}

/** RLHF's objective for a policy, with the correct sign of the KL term and with the one that the slide prints. */
export interface Objectives {
  readonly expectedReward: number;
  /** KL(π ‖ π_ref); Infinity if π writes ξ3. */
  readonly divergence: number;
  /** E_π[r] − β KL, the correct objective. */
  readonly minus: number;
  /** E_π[r] + β KL, as printed. */
  readonly plus: number;
}

/** E_π[r] ∓ β KL(π ‖ π_ref), with the reward `unseen` for ξ3. */
export function counterexampleObjectives(probabilities: Probabilities, beta: number, unseen = 0): Objectives {
  const logps = probabilities.map(Math.log);
  const expectedReward = expectation(logps, rewardsWith(unseen));
  const divergence = klDivergence(logps, REFERENCE);
  const penalty = beta * divergence;
  return { expectedReward, divergence, minus: expectedReward - penalty, plus: expectedReward + penalty };
}

/** The policy after a number of gradient-descent steps. */
export interface Descent {
  readonly steps: number;
  readonly loss: number;
  readonly probabilities: Probabilities;
}

/**
 * Gradient descent on DPO's loss with step size 1, starting from equal probabilities, over policies with logits
 * (θ, 0, 2θ): raising ξ1 above ξ2 raises ξ3 even more. Returns the policy after each of `counts` steps.
 */
export function counterexampleDescents(counts: readonly number[], beta: number): Descent[] {
  const policies = policyClass(SPACE, [[1], [0], [2]]);
  // ξ3 is in no comparison, so that its finite stand-in for log P_ref = −∞ has no effect.
  const local = localRewards(policies, [REFERENCE[0], REFERENCE[1], 0], beta);
  let theta = [0];
  const descents: Descent[] = [];
  for (let steps = 0; steps <= Math.max(...counts); steps++) {
    const { value, gradient } = preferenceLoss(local.values(theta), DATA);
    if (counts.includes(steps))
      descents.push({ steps, loss: value, probabilities: toProbabilities(policies.values(theta)) });
    const slopes = local.vjp(theta, gradient);
    theta = theta.map((logit, at) => logit - slopes[at]!);
  }
  return descents;
}

/** For random β from 0.05 to 20: RLHF's probabilities against their closed form, and DPO's blindness to ξ3. */
export function counterexampleMeasures(run: RandomInstances): Measures {
  return measureInstances("counterexample", run, (stream) => {
    const beta = 0.05 * 400 ** uniform(stream);
    const expected = [preferenceProbability(1 / beta), preferenceProbability(-1 / beta), 0];
    const found = counterexampleRlhf(beta, 10 * uniform(stream));
    const share = 0.01 + 0.98 * uniform(stream);
    const lossChanges = Array.from({ length: 10 }, () => {
      const seen = 0.01 + 0.99 * uniform(stream);
      const policy: Probabilities = [seen * share, seen * (1 - share), 1 - seen];
      return Math.abs(counterexampleLoss(policy, beta) - counterexampleLoss([share, 1 - share, 0], beta));
    });
    return {
      "coverage-sigmoid": Math.max(...found.map((p, at) => Math.abs(expected[at]! - p))),
      "coverage-blind": Math.max(...lossChanges),
    };
  });
}
