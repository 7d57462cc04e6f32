import { describe, expect, test } from "vitest";
import {
  arms,
  differenceName,
  type Label,
  label,
  namesSideBySide,
  scorers,
  sortLabels,
  variant,
} from "../../src/results/labels.ts";

type Triple = [number, number, number];
const times = (matrix: number[][], [a, b, c]: Triple) =>
  matrix.map(([x, y, z]) => x! * a + y! * b + z! * c) as Triple;

function linear(hex: string): Triple {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

const contrastWithWhite = (hex: string) => {
  const [r, g, b] = linear(hex);
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
};

/** CIE L*a*b* under D65. */
function lab(rgb: Triple): Triple {
  const xyz = times(
    [
      [0.4124, 0.3576, 0.1805],
      [0.2126, 0.7152, 0.0722],
      [0.0193, 0.1192, 0.9505],
    ],
    rgb.map((value) => Math.min(1, Math.max(0, value))) as Triple,
  );
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const [x, y, z] = [f(xyz[0] / 0.9505), f(xyz[1]), f(xyz[2] / 1.089)];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

// Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
const vision: Record<string, number[][]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

describe.each([
  ["arms", Object.values<Label>(arms)],
  ["scorers", Object.values<Label>(scorers)],
])("colours of the %s", (_, labels) => {
  test("are dark enough on white: 3:1 for marks, 4.5:1 for text", () => {
    for (const { id, colour, ink } of labels) {
      expect(contrastWithWhite(colour), id).toBeGreaterThanOrEqual(3);
      expect(contrastWithWhite(ink), id).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(Object.entries(vision))("differ under %s", (_, matrix) => {
    const seen = labels.map(({ id, colour }) => ({ id, colour: lab(times(matrix, linear(colour))) }));
    for (const [index, a] of seen.entries())
      for (const b of seen.slice(index + 1)) {
        const [p, q] = [a.colour, b.colour];
        expect(Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]), `${a.id} and ${b.id}`).toBeGreaterThan(11);
      }
  });
});

test("the arms are in the order of the comparison, under their usual names", () => {
  expect(Object.values<Label>(arms).map(({ name }) => name)).toEqual([
    "SFT",
    "DPO",
    "DPO (2x)",
    "DPO (5x)",
    "DPO (10x)",
    "DPO (best epoch)",
    "Online DPO (SFT)",
    "Online DPO (DPO)",
  ]);
});

test("known labels come first in their order, each followed by its variants, then others as given", () => {
  const [zeta, alpha] = [label("zeta", "Zeta", "#111111"), label("alpha", "Alpha", "#222222")];
  const cold = variant(arms.dpo, "T = 0.7");
  const given = [zeta, arms.onlineDpo, cold, alpha, arms.dpo, arms.sft, zeta];
  expect(sortLabels(given)).toEqual([arms.sft, arms.dpo, cold, arms.onlineDpo, zeta, alpha]);
});

test("a variant of a variant names both differences and keeps the colour of its base", () => {
  const twice = variant(variant(arms.dpo, "10 %"), "H = 6");
  expect(twice).toMatchObject({ id: "dpo@10 %, H = 6", name: "DPO, 10 %, H = 6", base: arms.dpo });
  expect(twice.colour).toBe(arms.dpo.colour);
});

test("side by side, variants are called by their difference if their base is there", () => {
  const labels = [scorers.dpo, variant(scorers.dpo, "8 bits"), variant(scorers.global, "small")];
  expect([...namesSideBySide(labels).values()]).toEqual(["DPO RM", "8 bits", "Global RM, small"]);
});

test("a difference is named treatment minus control", () => {
  expect(differenceName({ treatment: arms.onlineSft, control: arms.dpo })).toBe("Online DPO (SFT) − DPO");
});
