import type { Simulation } from "./simulation.ts";

/* Tables of the simulated instrument, as rows for `rowsTable`; shares in percent. */

type Row = Readonly<Record<string, string | number>>;

const percent = (value: number) => Number((100 * value).toFixed(1));

/** How often 95 % intervals of each method cover the truth, by kind of seed effects and number of seeds. */
export function coverageRows({ coverage }: Simulation): Row[] {
  return coverage.map(({ effects, seeds, ...methods }) => ({
    "seed effects": effects,
    seeds,
    "Student's t, %": percent(methods.t),
    "bootstrap of seeds and prompts, %": percent(methods["bootstrap of seeds and prompts"]),
    "bootstrap of seeds, %": percent(methods["bootstrap of seeds"]),
  }));
}

/** How often a family of seven holds a false decision, and how many of its true effects are found. */
export function familyRows({ families }: Simulation): Row[] {
  return families.map((one) => {
    const found = one["true effects found"];
    return {
      "true effects of seven": one["true effects"],
      correlation: one.correlation,
      "any false decision, %": percent(one["any false decision"]),
      "without correction, %": percent(one["any false decision, uncorrected"]),
      "true effects found, %": found === undefined ? "–" : percent(found),
    };
  });
}

/** How often a difference at the margin is called equivalent or non-inferior. */
export function marginRows({ margins }: Simulation): Row[] {
  return margins.map((one) => ({
    seeds: one.seeds,
    "level, %": percent(one.alpha),
    "called equivalent, %": percent(one["equivalent at the margin"]),
    "called non-inferior, %": percent(one["non-inferior at the margin"]),
  }));
}

/** The power for 3 points, and of equivalence within 3 points for no difference: simulated, and as findings state it. */
export function powerRows({ power }: Simulation): Row[] {
  return power.map((one) => ({
    seeds: one.seeds,
    "level, %": percent(one.alpha),
    "superiority, %": percent(one.superiority),
    "superiority, computed, %": percent(one["superiority, computed"]),
    "equivalence, %": percent(one.equivalence),
    "equivalence, computed, %": percent(one["equivalence, computed"]),
  }));
}
