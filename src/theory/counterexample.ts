import { uniform } from "../tensors/random.ts";
import { localRewards, policyClass } from "./classes.ts";
import type { Space } from "./completions.ts";
import { expectation, klDivergence } from "./distributions.ts";
import { type Instances, type Measures, overInstances } from "./instances.ts";
import { completionLogps } from "./policies.ts";
import { type Comparison, preferenceLoss, preferenceProbability } from "./preferences.ts";
import { regularised, softOptimal } from "./soft-rl.ts";

/*
 * The slides' example of partial coverage: three completions ξ1, ξ2, ξ3, of which the reference policy writes the
 * first two, half and half, and the data say only that ξ1 is better than ξ2.
 */

const SPACE: Space = { prompts: 1, actions: 3, horizon: 1 };
const REFERENCE = [0.5, 0.5, 0].map(Math.log);
const DATA: readonly Comparison[] = [{ chosen: 0, rejected: 1, weight: 1 }];
/** The slides' reward is 1 for ξ1 and 0 for ξ2; that of ξ3 is not known, and makes no difference. */
const rewardsWith = (unseen: number) => [1, 0, unseen];

/** Probabilities of ξ1, ξ2, ξ3. */
export type Probabilities = readonly [number, number, number];

/** The policy that maximises E_π[r] − β KL(π ‖ π_ref), where the reward model gives ξ3 the reward `unseen`. */
export function counterexampleRlhf(beta: number, unseen = 0): Probabilities {
  const { policy } = softOptimal(SPACE, regularised(rewardsWith(unseen), REFERENCE, beta));
  return completionLogps(SPACE, policy).map(Math.exp) as unknown as Probabilities;
}

/** DPO's loss of a policy, −log σ(β [log π/π_ref (ξ1) − log π/π_ref (ξ2)]), nats. */
export function counterexampleLoss(row: Probabilities, beta: number): number {
  const implicit = row.slice(0, 2).map((p, at) => beta * (Math.log(p) - REFERENCE[at]!));
  return preferenceLoss(implicit, DATA).value;
}

/** What RLHF's objective says of a policy, with the sign it must have and with the one that the slide prints. */
export interface Objectives {
  readonly expectedReward: number;
  /** KL(π ‖ π_ref), Infinity where π writes ξ3. */
  readonly divergence: number;
  readonly minus: number;
  readonly plus: number;
}

/** E_π[r] ∓ β KL(π ‖ π_ref), the unseen completion having the reward `unseen`. */
export function counterexampleObjectives(row: Probabilities, beta: number, unseen = 0): Objectives {
  const logps = row.map(Math.log);
  const expectedReward = expectation(logps, rewardsWith(unseen));
  const divergence = klDivergence(logps, REFERENCE);
  const penalty = beta * divergence;
  return { expectedReward, divergence, minus: expectedReward - penalty, plus: expectedReward + penalty };
}

/** A policy on the way that gradient descent takes. */
export interface Descent {
  readonly steps: number;
  readonly loss: number;
  readonly probabilities: Probabilities;
}

/**
 * DPO by gradient descent, steps of size 1 from equal probabilities, over the policies with logits θ, 0, 2θ: what
 * makes ξ1 better than ξ2 makes ξ3 better still, so that it gains whatever ξ1 gains. After each of `counts` steps.
 */
export function counterexampleDescents(counts: readonly number[], beta: number): Descent[] {
  const policies = policyClass(SPACE, [[1], [0], [2]]);
  const seen = [REFERENCE[0]!, REFERENCE[1]!, 0];
  const local = localRewards(policies, seen, beta);
  let theta = [0];
  const found: Descent[] = [];
  for (let steps = 0; steps <= Math.max(...counts); steps++) {
    const { value, gradient } = preferenceLoss(local.values(theta), DATA);
    if (counts.includes(steps))
      found.push({
        steps,
        loss: value,
        probabilities: policies.values(theta).map(Math.exp) as unknown as Probabilities,
      });
    theta = [theta[0]! - local.pull(theta, gradient)[0]!];
  }
  return found;
}

/** The example over random β between 0.05 and 20: RLHF's probabilities in closed form, and what DPO's loss misses. */
export function counterexampleMeasures(run: Instances): Measures {
  return overInstances("counterexample", run, (stream) => {
    const beta = 0.05 * 400 ** uniform(stream);
    const preferred = preferenceProbability(1 / beta);
    const found = counterexampleRlhf(beta, 10 * uniform(stream));
    const share = 0.01 + 0.98 * uniform(stream);
    const changes = Array.from({ length: 10 }, () => {
      const kept = 0.01 + 0.99 * uniform(stream);
      const row: Probabilities = [kept * share, kept * (1 - share), 1 - kept];
      return Math.abs(counterexampleLoss(row, beta) - counterexampleLoss([share, 1 - share, 0], beta));
    });
    const expected = [preferred, preferenceProbability(-1 / beta), 0];
    return {
      "coverage-sigmoid": Math.max(...expected.map((p, at) => Math.abs(p - found[at]!))),
      "coverage-blind": Math.max(...changes),
    };
  });
}
