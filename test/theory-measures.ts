import { complexityByHorizon, complexityMeasures } from "../src/theory/complexity.ts";
import { counterexampleMeasures } from "../src/theory/counterexample.ts";
import { coverageMeasures } from "../src/theory/coverage.ts";
import { equivalenceMeasures } from "../src/theory/equivalence.ts";
import { projectionMeasures } from "../src/theory/gaussians.ts";
import type { Measures, RandomInstances } from "../src/theory/random-instances.ts";
import { lemmaMeasures } from "../src/theory/reverse-kl-lemma.ts";
import { spinMeasures } from "../src/theory/spin.ts";
import { violatedConditionMeasures } from "../src/theory/violated-conditions.ts";

/** What the theory's registered claims are about, on random instances. */
export function theoryMeasures(run: RandomInstances): Measures {
  const walks = { goal: complexityByHorizon("goal"), slope: complexityByHorizon("slope") };
  return {
    ...lemmaMeasures(run),
    ...equivalenceMeasures(run),
    ...violatedConditionMeasures(run),
    ...coverageMeasures(run),
    ...counterexampleMeasures(run),
    ...spinMeasures(run),
    ...projectionMeasures(run),
    ...complexityMeasures(run, walks),
  };
}
