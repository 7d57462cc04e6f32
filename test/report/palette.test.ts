import {
  type Color,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
  parse,
  wcagContrast,
} from "culori";
import { describe, expect, test } from "vitest";
import { equalities } from "../../src/experiments/data-fraction/plan.ts";
import { dpoAsReward } from "../../src/experiments/horizon/plan.ts";
import { inkOnDark, onDark } from "../../src/report/dark.ts";
import { dashOf } from "../../src/report/dashes.ts";
import { INK, QUIET } from "../../src/report/theme.ts";
import { arms, type Label, otherArms, scorers } from "../../src/results/labels.ts";

/** The least CIEDE2000 distance at which two colours are told apart without a second cue. */
const DISTINCT = 9;

/** How readers see colours; the matrices are those of Machado, Oliveira and Fernandes (2009). */
const VISIONS = {
  "full colour vision": (colour: Color) => colour,
  protanopia: filterDeficiencyProt(1),
  deuteranopia: filterDeficiencyDeuter(1),
  tritanopia: filterDeficiencyTrit(1),
};

function parsed(colour: string): Color {
  const found = parse(colour);
  if (found === undefined) throw new Error(`${colour} is no colour.`);
  return found;
}

const same = (colour: string) => colour;

/** Backgrounds of reports and of JupyterLab's themes, and what colours become on them. */
const BACKGROUNDS = [
  { name: "a white page", paper: "#ffffff", shown: same, inkShown: same },
  { name: "the dark report", paper: "#17181a", shown: onDark, inkShown: onDark },
  { name: "a chart in JupyterLab's dark theme", paper: "#333333", shown: onDark, inkShown: inkOnDark },
] as const;

const PALETTES: Record<string, readonly Label[]> = {
  arms: [...Object.values(arms), ...Object.values(otherArms)],
  scorers: [...Object.values(scorers), dpoAsReward],
  "what is kept equal": equalities,
};

const distance = differenceCiede2000();

/** Pairs of labels that a reader could take for one another on a background. */
function confusable(labels: readonly Label[], shown: (colour: string) => string): string[] {
  const pairs = labels.flatMap((one, at) => labels.slice(at + 1).map((other) => [one, other] as const));
  return Object.entries(VISIONS).flatMap(([vision, see]) =>
    pairs
      .filter(
        ([one, other]) =>
          distance(see(parsed(shown(one.colour))), see(parsed(shown(other.colour)))) < DISTINCT,
      )
      .filter(([one, other]) => String(dashOf(one)) === String(dashOf(other)))
      .map(([one, other]) => `${one.name} and ${other.name} with ${vision}`),
  );
}

describe.each(BACKGROUNDS)("on $name", ({ paper, shown, inkShown }) => {
  test.each(Object.entries(PALETTES))("%s differ in colour or in dash for every reader", (_, labels) => {
    expect(confusable(labels, shown)).toEqual([]);
  });

  test("marks have a contrast of at least 3 to 1", () => {
    for (const { name, colour } of Object.values(PALETTES).flat())
      expect(wcagContrast(shown(colour), paper), name).toBeGreaterThanOrEqual(2.99);
  });

  test("text has a contrast of at least 4.5 to 1", () => {
    const inks = Object.values(PALETTES).flatMap((labels) => labels.map(({ ink }) => ink));
    for (const ink of [INK, QUIET, ...inks])
      expect(wcagContrast(inkShown(ink), paper), ink).toBeGreaterThanOrEqual(4.5);
  });
});

test("colours that only a colour-blind reader confuses are found", () => {
  const [red, green] = ["#c43b2b", "#5f7a1c"].map((colour) => ({ ...arms.dpo, colour, name: colour }));
  expect(confusable([red!, green!], same)).toEqual(["#c43b2b and #5f7a1c with deuteranopia"]);
});
