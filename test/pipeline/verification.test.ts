import { describe, expect, test } from "vitest";
import { verification as kind, type Verification } from "../../src/pipeline/verification.ts";

const recorded = (verification: Verification) => kind.record({ verification }).verification;

test("the gold rewards of the references are recorded, unless the result is older than they are", () => {
  const verification: Verification = { scores: [[1, 2]], gold: [[0, 1]], referenceRewards: [0.5] };
  expect(recorded(verification).referenceRewards).toEqual([0.5]);
  expect(recorded({ ...verification, referenceRewards: undefined }).referenceRewards).toBeUndefined();
});

test("the share of labels that the scorer agrees with is recorded, whatever the scale of its scores", () => {
  const verification: Verification = {
    scores: [
      [3, 1, 0, 0],
      [0, 1, 5, 2],
    ],
    gold: [
      [1, 0, 2, 2],
      [1, 0, 1, 0],
    ],
    labels: [
      [true, false],
      [true, true],
    ],
  };
  expect(recorded(verification).labelAccuracy).toEqual([0.75, 0.5]);
  const scaled = { ...verification, scores: verification.scores.map((row) => row.map((score) => 9 * score)) };
  expect(recorded(scaled).labelAccuracy).toEqual([0.75, 0.5]);
  expect(recorded({ ...verification, labels: undefined }).labelAccuracy).toBeUndefined();
});

describe("the accuracy over well-formed pairs", () => {
  /** Two prompts of two pairs: right, wrong and malformed, right, and tied by gold. */
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

  test("leaves out malformed pairs and pairs tied by gold", () => {
    expect(recorded(verification)).toMatchObject({ accuracy: [0.5, 1], wellFormedAccuracy: 1 });
    const [, ...others] = verification.scores;
    const swapped = { ...verification, scores: [[1, 2, 5, 0], ...others] };
    expect(recorded(swapped)).toMatchObject({ accuracy: [0, 1], wellFormedAccuracy: 0.5 });
  });

  test("is absent if every pair is malformed or form was not recorded", () => {
    const all = verification.malformed?.map((row) => row.map(() => 1 as const));
    expect(recorded({ ...verification, malformed: all }).wellFormedAccuracy).toBeUndefined();
    expect(recorded({ ...verification, malformed: undefined }).wellFormedAccuracy).toBeUndefined();
  });
});
