import {
  arm,
  arms,
  type Laboratory,
  type LaboratoryConfig,
  laboratory,
  type Plan,
  type results,
  runPlans,
  seedPlan,
  variant,
  verdicts,
} from "allroads";

/*
 * An experiment: how much the constant β of DPO matters. From a notebook:
 *
 *   const results = await runBetas(keyEnvConfig("laptop"), [21, 22, 23]);
 *   const estimates = betaGains(results);
 */

const betas = [0.5, 8].map((beta) => ({ beta, label: variant(arms.dpo, `β = ${beta}`) }));

/** What one seed trains and evaluates. */
export function betasPlan(lab: Laboratory): Plan {
  const others = betas.map(({ beta, label }) => arm(label, lab.dpo(1, { beta })));
  return { arms: [arm(arms.sft, lab.sft), arm(arms.dpo, lab.dpo(1)), ...others] };
}

/** Trains and evaluates what the run store lacks; one result per seed. */
export function runBetas(config: LaboratoryConfig, seeds: readonly number[]) {
  return runPlans(seeds.map((seed) => seedPlan(seed, betasPlan(laboratory(config, seed)))));
}

/** Each β against the usual one: differences of greedy win rates with 95 % intervals. */
export function betaGains(collected: readonly results.SeedResult[]) {
  const pairs = betas.map(({ label }) => [label, arms.dpo] as const);
  const gains = verdicts.differencesIn("greedy-win-rate", pairs);
  return gains.map((gain) => verdicts.estimated(collected, gain, { draws: 1000, level: 0.95 }));
}
