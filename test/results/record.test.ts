import { describe, expect, it } from "vitest";
import type { Verification } from "../../src/pipeline/store.ts";
import { recordOf } from "../../src/results/record.ts";

const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 0, finished: "", code: "" };
const recorded = (verification: Verification) => recordOf({ verification, provenance }).verification!;

describe("a scorer's accuracy among samples without errors of form", () => {
  /** Two prompts of two pairs: right, wrong with an error, right, and tied by gold. */
  const verification: Verification = {
    scores: [
      [2, 1, 5, 0],
      [0, 3, 1, 2],
    ],
    gold: [
      [1, 0, -2, 1],
      [-1, 1, 4, 4],
    ],
    malformed: [
      [0, 0, 1, 0],
      [0, 0, 0, 0],
    ],
  };

  it("leaves out pairs with such a sample, and gold's ties, as the accuracy does", () => {
    expect(recorded(verification)).toMatchObject({ accuracy: [0.5, 1], wellFormedAccuracy: 1 });
    const swapped = { ...verification, scores: [[1, 2, 5, 0], verification.scores[1]!] };
    expect(recorded(swapped)).toMatchObject({ accuracy: [0, 1], wellFormedAccuracy: 0.5 });
  });

  it("is absent where every pair has one, or where errors were not looked for", () => {
    const all = verification.malformed!.map((row) => row.map(() => 1 as const));
    expect(recorded({ ...verification, malformed: all }).wellFormedAccuracy).toBeUndefined();
    expect(recorded({ ...verification, malformed: undefined }).wellFormedAccuracy).toBeUndefined();
  });
});
