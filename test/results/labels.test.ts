import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arms,
  contrastArms,
  contrastId,
  contrastName,
  scorerLabels,
  sideBySide,
  sortByLabel,
  styleOf,
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
  ["arms", arms],
  ["scorers", scorerLabels],
])("colours of the %s", (_, styles) => {
  test("are dark enough on white: 3:1 for marks, 4.5:1 for text", () => {
    for (const { id, colour, ink } of styles) {
      expect(contrastWithWhite(colour), id).toBeGreaterThanOrEqual(3);
      expect(contrastWithWhite(ink), id).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(Object.keys(vision))("differ under %s", (kind) => {
    for (const a of styles)
      for (const b of styles.slice(styles.indexOf(a) + 1)) {
        const [p, q] = [a, b].map(({ colour }) => lab(times(vision[kind]!, linear(colour)))) as [
          Triple,
          Triple,
        ];
        expect(Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]), `${a.id} and ${b.id}`).toBeGreaterThan(11);
      }
  });
});

test("the arms stand in the order of the comparison, under the names that readers know", () => {
  expect(arms.map(({ name }) => name)).toEqual([
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

test("an unknown arm keeps its id, in grey", () => {
  const { name, colour } = styleOf("ppo");
  expect(name).toBe("ppo");
  expect(new Set([colour.slice(1, 3), colour.slice(3, 5), colour.slice(5)]).size).toBe(1);
});

test("known ids come first and in the table's order, unknown ones after them as they came", () => {
  expect(sortByLabel(["zeta", "online-dpo", "alpha", "sft", "zeta"])).toEqual([
    "sft",
    "online-dpo",
    "zeta",
    "alpha",
  ]);
});

test("a contrast's id names its two arms", () => {
  const known = fc.constantFrom(...arms.map(({ id }) => id));
  fc.assert(
    fc.property(known, known, (treatment, control) => {
      expect(contrastArms(contrastId(treatment, control))).toEqual({ treatment, control });
    }),
  );
  expect(contrastName("online-sft-vs-dpo")).toBe("Online DPO (SFT) − DPO");
  expect(contrastName("something")).toBe("something");
});

test("side by side, variants are called by what is special, or as their table says", () => {
  const ids = ["dpo", "dpo@5 epochs", "global@small"];
  expect([...sideBySide(ids, scorerLabels).values()]).toEqual(["DPO RM", "5 epochs", "Global RM, small"]);
  const own = { ...scorerLabels[0]!, id: "dpo@5 epochs", name: "DPO RM, 5 epochs" };
  expect(sideBySide(ids, [...scorerLabels, own]).get("dpo@5 epochs")).toBe("DPO RM, 5 epochs");
});
