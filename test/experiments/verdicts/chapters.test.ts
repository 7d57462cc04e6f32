import { describe, expect, test } from "vitest";
import {
  type Chapter,
  costRows,
  countSentence,
  forestRows,
  verdictsMarkdown,
} from "../../../src/experiments/verdicts/chapters.ts";
import { arms } from "../../../src/results/labels.ts";
import { judge } from "../../../src/verdicts/judge.ts";
import { readRegistration } from "../../../src/verdicts/read-registration.ts";
import { armResult, seedResult } from "../../seed-results.ts";

const provenance = { device: "", tensorflow: "", node: "", finished: "", code: "" };
const resultOf = (seed: number, online: number) =>
  seedResult(seed, {
    arms: [
      armResult(arms.dpo, 0.2),
      armResult(arms.dpo2x, 0.3),
      armResult(arms.dpoBest, 0.5),
      armResult(arms.onlineSft, online),
      armResult(arms.onlineDpo, online),
    ],
    provenance: [
      { stage: "shared", seconds: 60, ...provenance },
      { stage: `own ${seed}`, seconds: 30, ...provenance },
    ],
  });
const registration = readRegistration("01-main-comparison");
const chapterOf = (seeds: readonly number[], online = 0.6): Chapter => {
  const results = seeds.map((seed) => resultOf(seed, online));
  return { registration, results, findings: judge(registration, results) };
};
const chapter = chapterOf([21, 22, 23, 24, 25]);
const chapters = [chapter, chapterOf([21, 22]), chapterOf([21, 22, 23, 24, 25], 0.1)];

describe("the page of verdicts", () => {
  test("has a row for every hypothesis, with its numbers and its notebook", () => {
    const [, , ...rows] = verdictsMarkdown(chapters).split("\n");
    expect(rows).toHaveLength(6);
    expect(rows[0]).toMatch(/^\| 01 \| /);
    expect(rows[0]).toContain("+40.0 [+40.0, +40.0] points");
    expect(rows[0]).toContain("✔ supported");
    expect(rows[2]).toContain("– uninformative");
    expect(rows[4]).toContain("✖ refuted");
    expect(rows[5]).toContain("○ not shown");
  });

  test("counts the verdicts", () => {
    expect(countSentence(chapters)).toBe(
      "Of 6 registered hypotheses 2 are supported, 1 refuted, 1 not shown, and on 2 these runs cannot tell.",
    );
  });

  test("shows what broke a seal in the place of the verdict, and counts it", () => {
    const [main, robust] = chapter.findings;
    const seal = { kind: "broken", changes: ["the row of DPO, seed 21, is missing"] } as const;
    const findings = [{ ...main!, status: "uninformative", seal } as const, robust!];
    const [, , first, second] = verdictsMarkdown([{ ...chapter, findings }]).split("\n");
    expect(first).toContain("**⚠ seal broken**<br>Seal broken: the row of DPO, seed 21, is missing.");
    expect(first).not.toContain("supported");
    expect(second).not.toContain("seal");
    expect(countSentence([{ ...chapter, findings }])).toMatch(
      /and on 1 these runs cannot tell\. \*\*Of the latter 1 have a broken seal\.\*\*$/,
    );
  });

  test("says what was compared if every seal holds", () => {
    const seal = { kind: "intact", compared: "rules and code" } as const;
    const intact = { ...chapter, findings: chapter.findings.map((finding) => ({ ...finding, seal })) };
    expect(verdictsMarkdown([intact])).toMatch(/\n\nRules and code are those that were sealed; .*\.$/);
    expect(verdictsMarkdown([intact, chapter])).not.toContain("were sealed");
  });

  test("counts a stage that seeds share once, and one that experiments share once in all", () => {
    expect(costRows([chapterOf([21, 22]), chapterOf([22, 23])])).toEqual([
      { experiment: "01-main-comparison", seeds: "21, 22", stages: 3, "computing, min": 2 },
      { experiment: "01-main-comparison", seeds: "22, 23", stages: 3, "computing, min": 2 },
      { experiment: "all, each stage once", seeds: 3, stages: 4, "computing, min": 2.5 },
    ]);
  });

  test("has a row for each first estimate, in points where it is a share", () => {
    const [main, robust] = forestRows([chapter]);
    expect(main).toMatchObject({ unit: "Percentage points", name: "main", digits: 1 });
    expect(main?.mean).toBeCloseTo(40);
    expect(robust?.name).toBe("robust");
  });
});
