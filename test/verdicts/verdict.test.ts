import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contrastSentence, secondarySentences } from "../../src/report/sentences.ts";
import { checkContrasts } from "../../src/verdicts/contrasts.ts";
import { contrastIds, readPrediction } from "../../src/verdicts/predictions.ts";
import { verdict } from "../../src/verdicts/verdict.ts";

const prediction = readPrediction("01-main-comparison");
const laptop = prediction.seeds.test.laptop!;
const { main, robustness } = contrastIds(prediction);
const ids = [...main, ...robustness];

type Bounds = readonly [number, number];
const contrast = (id: string, [low, high]: Bounds, seeds: readonly number[] = laptop) => ({
  id,
  mean: (low + high) / 2,
  low,
  high,
  seeds,
});
const judge = (bounds: readonly Bounds[], seeds?: readonly number[]) =>
  verdict(
    prediction,
    bounds.map((one, at) => contrast(ids[at]!, one, seeds)),
  );

/** Every way in which an interval can lie to zero, with the side on which the rule counts it. */
const positions: [Bounds, -1 | 0 | 1][] = [
  [[-0.3, -0.1], -1],
  [[-0.3, 0], 0],
  [[-0.3, 0.1], 0],
  [[0, 0], 0],
  [[0, 0.3], 0],
  [[0.1, 0.3], 1],
];

describe("the rule", () => {
  test("decides every pattern of signs as it is written down", () => {
    let patterns = 0;
    for (const [a, sa] of positions)
      for (const [b, sb] of positions)
        for (const [c, sc] of positions)
          for (const [d, sd] of positions) {
            const { status, robustToOfflineEpochs } = judge([a, b, c, d]);
            const supported = sa > 0 && sb > 0;
            expect(status).toBe(supported ? "supported" : sa < 0 || sb < 0 ? "refuted" : "not shown");
            expect(robustToOfflineEpochs).toBe(supported && sc > 0 && sd > 0);
            patterns++;
          }
    expect(patterns).toBe(6 ** 4);
  });

  test("decides nothing on fewer than five seeds, whatever comes out", () => {
    for (const [a] of positions)
      for (const [b] of positions) {
        for (const seeds of [[], [21], [21, 22, 23, 24]]) {
          const result = judge([a, b, [0.1, 0.2], [0.1, 0.2]], seeds);
          expect(result.status).toBe("uninformative");
          expect(result.robustToOfflineEpochs).toBeUndefined();
        }
        const one = verdict(prediction, [contrast(main[0]!, a), contrast(main[1]!, b, [21, 22])]);
        expect(one.status).toBe("uninformative");
      }
  });

  test("never falls when intervals rise", () => {
    const rank = { refuted: 0, "not shown": 1, supported: 2, uninformative: Number.NaN };
    const number = fc.double({ min: -1, max: 1, noNaN: true });
    const interval = fc.tuple(number, number).map(([a, b]): Bounds => [Math.min(a, b), Math.max(a, b)]);
    const rise = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(interval, rise), { minLength: 4, maxLength: 4 }), (cases) => {
        const before = judge(cases.map(([bounds]) => bounds));
        const after = judge(
          cases.map(([[low, high], [up, further]]): Bounds => [low + up, Math.max(high + further, low + up)]),
        );
        expect(rank[after.status]).toBeGreaterThanOrEqual(rank[before.status]);
        expect(Number(after.robustToOfflineEpochs)).toBeGreaterThanOrEqual(
          Number(before.robustToOfflineEpochs),
        );
      }),
    );
  });

  test("does not depend on the order of the contrasts, nor on others", () => {
    const given = [
      contrast(main[0]!, [0.1, 0.2]),
      contrast(main[1]!, [0.1, 0.2]),
      contrast(robustness[0]!, [-0.1, 0.2]),
      contrast(robustness[1]!, [0.1, 0.2]),
    ];
    const { status, robustToOfflineEpochs } = verdict(prediction, given);
    const turned = verdict(prediction, [contrast("online-dpo-vs-sft", [-2, -1]), ...given.reverse()]);
    expect([turned.status, turned.robustToOfflineEpochs]).toEqual([status, robustToOfflineEpochs]);
  });

  test("leaves robustness open where it was not measured, or on too few seeds", () => {
    const above = main.map((id) => contrast(id, [0.1, 0.2]));
    const open = verdict(prediction, [...above, contrast(robustness[0]!, [0.1, 0.2])]);
    expect([open.status, open.robustToOfflineEpochs]).toEqual(["supported", undefined]);
    expect(open.sentences.join(" ")).toContain(
      "not judged: there is no interval for Online DPO (DPO) − DPO (best epoch).",
    );
    const few = verdict(prediction, [
      ...above,
      ...robustness.map((id) => contrast(id, [0.1, 0.2], [21, 22])),
    ]);
    expect([few.status, few.robustToOfflineEpochs]).toEqual(["supported", undefined]);
    expect(few.sentences.join(" ")).toContain("it asks for at least 5 seeds");
  });
});

describe("the sentences", () => {
  const above: Bounds = [0.034, 0.09];
  const below: Bounds = [-0.09, -0.034];
  const across: Bounds = [-0.01, 0.09];

  test("give each contrast, the verdict, and robustness", () => {
    expect(judge([above, above, across, above]).sentences).toEqual([
      "Online DPO (SFT) − DPO, win rate, greedy decoding: +6.2 points, 95% interval [+3.4, +9.0], 5 seeds: above zero.",
      "Online DPO (DPO) − DPO, win rate, greedy decoding: +6.2 points, 95% interval [+3.4, +9.0], 5 seeds: above zero.",
      "Supported: every interval lies above zero.",
      "Online DPO (SFT) − DPO (best epoch), win rate, greedy decoding: +4.0 points, 95% interval [−1.0, +9.0], 5 seeds: zero is not excluded.",
      "Online DPO (DPO) − DPO (best epoch), win rate, greedy decoding: +6.2 points, 95% interval [+3.4, +9.0], 5 seeds: above zero.",
      "Not robust to offline epochs: not above zero is Online DPO (SFT) − DPO (best epoch).",
    ]);
  });

  test("say what each outcome is", () => {
    const says = (bounds: readonly Bounds[], seeds?: readonly number[]) =>
      judge(bounds, seeds).sentences.join("\n");
    expect(says([above, above, above, above])).toContain(
      "Robust to offline epochs: these intervals lie above zero too.",
    );
    expect(says([across, above])).toContain("Not shown: zero is not excluded for Online DPO (SFT) − DPO.");
    expect(says([across, across])).toContain(
      "zero is not excluded for Online DPO (SFT) − DPO and Online DPO (DPO) − DPO.",
    );
    expect(says([above, below])).toContain(
      "Refuted: below zero lies the interval of Online DPO (DPO) − DPO.",
    );
    expect(says([below, below])).toContain("Refuted: below zero lie the intervals of");
    expect(says([across, above, above, above])).toContain(
      "Not robust to offline epochs: the claim itself is not supported.",
    );
    expect(says([above, above], [21])).toContain(
      "Uninformative: the rule asks for at least 5 seeds and this run has 1, so it decides nothing.",
    );
  });

  test("never show as zero what is not", () => {
    const line = contrastSentence(contrast(main[0]!, [0.00003, 0.01]), prediction.metric, 0.95);
    expect(line).toContain("[+0.003, +1.0]");
    expect(contrastSentence(contrast(main[0]!, [0, 0.01]), prediction.metric, 0.9)).toContain(
      "90% interval [0.0, +1.0]",
    );
  });

  test("say so where the seeds are not the registered ones", () => {
    const other = [101, 102, 103, 104, 105];
    expect(judge([above, above], other).sentences.at(-1)).toBe(
      "Exploratory: the seeds (101, 102, 103, 104, 105) are not those registered for any preset (smoke, laptop, gpu).",
    );
    expect(judge([above, above], [...laptop].reverse()).sentences.join()).not.toContain("Exploratory");
    expect(judge([above, above], laptop.slice(0, 4)).sentences.join()).toContain("Exploratory");
  });

  test("report T = 1 apart, in its own unit, with its caution", () => {
    const sentences = secondarySentences(prediction, "sampled-reward", [contrast(main[1]!, [0.5, 0.6])]);
    expect(sentences[0]).toBe(
      "Online DPO (DPO) − DPO, gold reward, sampling at T = 1: +0.550, 95% interval [+0.500, +0.600], 5 seeds: above zero.",
    );
    expect(sentences[1]).toMatch(/entropy/);
    expect(() => secondarySentences(prediction, "speed", [])).toThrow(
      'registers no secondary metric "speed"; it has: sampled-reward.',
    );
  });
});

describe("wrong input ends in one sentence", () => {
  const good = main.map((id) => contrast(id, [0.1, 0.2]));
  const message = (contrasts: readonly ReturnType<typeof contrast>[]) => {
    try {
      verdict(prediction, contrasts);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error("nothing was thrown");
  };

  test("a contrast that the rule needs is missing", () => {
    expect(message([good[0]!])).toBe(
      "The rule of 01-main-comparison needs the contrast online-dpo-vs-dpo, which is missing; given: online-sft-vs-dpo.",
    );
    expect(message([])).toContain("given: none");
  });

  test.each([0, 1, 20])("tuning seed %i is among the seeds", (seed) => {
    expect(message([good[0]!, contrast(main[1]!, [0.1, 0.2], [...laptop, seed])])).toContain(
      `online-dpo-vs-dpo includes seed ${seed}, on which hyper-parameters were chosen`,
    );
    expect(message([...good, contrast("other-vs-dpo", [0, 1], [seed])])).toContain(`seed ${seed}`);
  });

  test("a contrast or a seed counts twice, or an interval is none", () => {
    expect(message([good[0]!, ...good])).toContain("is given twice");
    expect(message([good[0]!, contrast(main[1]!, [0.1, 0.2], [21, 22, 22, 23, 24])])).toContain(
      "counts seed 22 twice",
    );
    expect(message([good[0]!, contrast(main[1]!, [0.2, 0.1])])).toContain("the lower bound first");
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => checkContrasts(prediction, [{ ...good[0]!, mean: bad }])).toThrow("finite numbers");
  });
});
