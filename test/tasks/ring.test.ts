import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type RingPrompt, ring } from "../../src/tasks/ring.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { item } from "./item.ts";

const [EOS, WALK, LEFT, STAY, RIGHT] = [1, 2, 3, 4, 5];
const none = { demonstrations: 0, pairs: 0, validation: 0, evaluation: 0 };
const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const horizons = fc.integer({ min: 1, max: 12 });
const starts = (seed: number, horizon: number, size = 24) =>
  ring({ horizon }).data(seed, { ...none, pairs: size }).prompts;
const startAt = (seed: number, horizon: number, position: number) => item(starts(seed, horizon), position);

describe("the ring task", () => {
  test("has a token for each position and three steps; a completion is H steps and eos", () => {
    const task = ring({ horizon: 4 });
    expect(task.vocabulary).toEqual({ size: 30, pad: 0, eos: 1 });
    expect([task.promptLength, task.completionLength]).toEqual([2, 5]);
    const tokens = starts(1, 4, 2).map((prompt) => prompt.tokens);
    expect(tokens).toEqual([
      [6, WALK],
      [7, WALK],
    ]);
    expect(task.text([...startAt(1, 4, 1).tokens, LEFT, STAY, RIGHT, EOS, 0])).toBe(
      "@1 walk: left stay right",
    );
    expect(ring({ positions: 5 }).vocabulary.size).toBe(11);
  });

  test("has values from N(0, 1), the same for each horizon and others for another seed", () => {
    const values = Array.from({ length: 100 }, (_, seed) => startAt(seed, 1, 0).values);
    expect(startAt(7, 9, 0).values).toEqual(values[7]);
    const all = values.flat();
    expect(all.length).toBe(2400);
    expect(Math.abs(mean(all))).toBeLessThan(0.08);
    expect(Math.abs(mean(all.map((value) => value ** 2)) - 1)).toBeLessThan(0.1);
  });

  const prompt = startAt(3, 3, 23);
  const at = (position: number) => item(prompt.values, position);
  const cases: [string, number[], number][] = [
    ["three steps around the end", [RIGHT, RIGHT, LEFT, EOS], at(0)],
    ["three steps back", [LEFT, LEFT, LEFT, EOS], at(20)],
    ["no movement", [STAY, STAY, STAY, EOS], at(23)],
    ["tokens after eos", [STAY, STAY, RIGHT, EOS, 0], at(0)],
    ["an early eos", [RIGHT, RIGHT, EOS], -2],
    ["no eos", [RIGHT, RIGHT, RIGHT], -2],
    ["a step instead of eos", [RIGHT, RIGHT, RIGHT, RIGHT], -2],
    ["a late eos", [RIGHT, RIGHT, RIGHT, RIGHT, EOS], -2],
    ["a position instead of a step", [RIGHT, 6, RIGHT, EOS], -2],
    ["a padding instead of a step", [0, RIGHT, RIGHT, EOS], -2],
    ["the prompt's word instead of a step", [RIGHT, RIGHT, WALK, EOS], -2],
    ["nothing", [], -2],
  ];
  test.each(cases)("gives the reward of %s", (_, completion, reward) => {
    const task = ring({ horizon: 3 });
    expect(task.score(prompt, completion)).toBe(reward);
    expect(task.isMalformed(prompt, completion)).toBe(reward === -2);
  });
});

describe("walks written by positions", () => {
  const FIRST_POSITION = 6;
  const task = ring({ horizon: 3, notation: "positions" });
  const prompt = startAt(3, 3, 23);
  const at = (...positions: number[]) => [...positions.map((one) => FIRST_POSITION + one), EOS];

  test("are the same walks with the same rewards and end with their last position", () => {
    fc.assert(
      fc.property(fc.nat(1000), horizons, (seed, horizon) => {
        const demonstrations = (notation: "steps" | "positions") =>
          ring({ horizon, notation })
            .data(seed, { ...none, demonstrations: 30 })
            .demonstrations.map(({ prompt, completion }) => ({ prompt, completion }));
        const [steps, positions] = [demonstrations("steps"), demonstrations("positions")];
        const byPositions = ring({ horizon, notation: "positions" });
        for (const [index, { prompt, completion }] of positions.entries()) {
          const last = item(completion, horizon - 1);
          const reward = prompt.values[last - FIRST_POSITION];
          expect(byPositions.score(prompt, completion)).toBe(reward);
          expect(ring({ horizon }).score(prompt, item(steps, index).completion)).toBe(reward);
        }
      }),
      { numRuns: 25 },
    );
  });

  test("may stay or move to a neighbour, also around the end", () => {
    expect(task.score(prompt, at(0, 23, 23))).toBe(prompt.values[23]);
    expect(task.score(prompt, at(22, 21, 20))).toBe(prompt.values[20]);
    expect(task.isMalformed(prompt, at(0, 1, 1))).toBe(false);
  });

  test.each([
    ["a leap", at(1, 1, 1)],
    ["a later leap", at(23, 23, 3)],
    ["a step in place of a position", [LEFT, STAY, RIGHT, EOS]],
    ["an early eos", at(0, 0)],
    ["a late eos", at(0, 0, 0, 0)],
  ])("are malformed with %s", (_, completion) => {
    expect(task.score(prompt, completion)).toBe(-2);
    expect(task.isMalformed(prompt, completion)).toBe(true);
  });
});

describe("the optimum", () => {
  test("is the best reward of all walks, also on a short ring", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 3, max: 12 }),
        fc.nat(1000),
        (horizon, positions, seed) => {
          const task = ring({ horizon, positions });
          const data = task.data(seed, { ...none, pairs: positions });
          for (const prompt of data.prompts.slice(0, 3)) {
            let best = -2;
            const extend = (steps: number[]): void => {
              if (steps.length === horizon) best = Math.max(best, task.score(prompt, [...steps, EOS]));
              else for (const step of [LEFT, STAY, RIGHT]) extend([...steps, step]);
            };
            extend([]);
            expect(task.optimum(prompt)).toBe(best);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test("is the reward of a malformed walk if every position in reach is worse", () => {
    const prompt = startAt(1, 1, 0);
    const poor = { ...prompt, values: prompt.values.map(() => -3) };
    expect(ring({ horizon: 1 }).optimum(poor)).toBe(-2);
  });

  test("is not exceeded by any tokens or demonstrator", () => {
    const tokens = fc.array(fc.oneof(fc.integer({ min: LEFT, max: RIGHT }), fc.nat(29)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.nat(1000), horizons, fc.nat(23), tokens, (seed, horizon, start, written) => {
        const task = ring({ horizon });
        const prompt = startAt(seed, horizon, start);
        const stream = randomStream(seed, "demonstrators");
        const walks = Object.values(task.demonstrators).map((write) => write(prompt, stream));
        for (const walk of walks) expect(task.isMalformed(prompt, walk)).toBe(false);
        for (const completion of [written, [...written, EOS], ...walks]) {
          expect(task.score(prompt, completion)).toBeLessThanOrEqual(task.optimum(prompt));
        }
      }),
    );
  });
});

describe("the demonstrators", () => {
  /** The expected gold reward of a human walk, from the probability of each position after each step. */
  function expectedReward(prompt: RingPrompt, horizon: number, gamma: number): number {
    const weights = prompt.perceived.map((value) => Math.exp(gamma * value));
    const around = (numbers: readonly number[], position: number) =>
      [23, 0, 1].map((move) => item(numbers, (position + move) % 24));
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    let chances = prompt.values.map((_, position) => Number(position === prompt.start));
    for (let step = 0; step < horizon; step++) {
      const rates = chances.map((chance, position) => chance / sum(around(weights, position)));
      chances = weights.map((weight, position) => weight * sum(around(rates, position)));
    }
    return sum(prompt.values.map((value, position) => value * chances[position]!));
  }

  test.each([
    [1, 1],
    [4, 1],
    [4, 3],
  ])("follow the perceived values: H = %d, gamma = %d", (horizon, gamma) => {
    const task = ring({ horizon, gamma });
    const { demonstrations } = task.data(2, { ...none, demonstrations: 6000 });
    const found = demonstrations.map(({ prompt, completion }) => task.score(prompt, completion));
    const expected = demonstrations.map(({ prompt }) => expectedReward(prompt, horizon, gamma));
    expect(Math.abs(mean(found) - mean(expected))).toBeLessThan(0.05);
    const stream = randomStream(1, "indifferent");
    const idle = demonstrations.map(({ prompt }) =>
      task.score(prompt, task.demonstrators.indifferent(prompt, stream)),
    );
    const indifferent = demonstrations.map(({ prompt }) => expectedReward(prompt, horizon, 0));
    expect(Math.abs(mean(idle) - mean(indifferent))).toBeLessThan(0.05);
  });

  test("rank indifferent < human < careful < optimum, for every horizon", () => {
    for (const horizon of [1, 3, 9]) {
      const task = ring({ horizon });
      const prompts = Array.from({ length: 60 }, (_, seed) => starts(seed, horizon)).flat();
      const stream = randomStream(1, "room");
      const rewards = (write: typeof task.demonstrators.human) =>
        mean(prompts.map((prompt) => task.score(prompt, write(prompt, stream))));
      const human = rewards(task.demonstrators.human);
      const careful = rewards(task.demonstrators.careful);
      expect(human - rewards(task.demonstrators.indifferent)).toBeGreaterThan(0.25);
      expect(careful - human).toBeGreaterThan(0.15);
      expect(mean(prompts.map((prompt) => task.optimum(prompt))) - careful).toBeGreaterThan(0.05);
    }
  });

  test("perceive the values exactly if misjudgement is 0", () => {
    for (const { perceived, values } of ring({ misjudgement: 0 }).data(1, { ...none, pairs: 1 }).prompts) {
      expect(perceived).toEqual(values);
      expect(startAt(1, 6, 0).perceived).not.toEqual(values);
    }
  });
});

describe("one seed's data", () => {
  const task = ring({ horizon: 3 });
  const sizes = { demonstrations: 100, pairs: 60, validation: 30, evaluation: 72 };
  const data = task.data(5, sizes);

  test("has the same first items of each part for all sizes", () => {
    const size = fc.nat(30);
    const fewer = fc.record({
      demonstrations: size,
      pairs: size,
      validation: size,
      evaluation: fc.constantFrom(0, 24, 48),
    });
    fc.assert(
      fc.property(fewer, (asked) => {
        const found = task.data(5, asked);
        expect(found.demonstrations).toEqual(data.demonstrations.slice(0, asked.demonstrations));
        expect(found.prompts).toEqual(data.prompts.slice(0, asked.pairs));
        expect(found.validation).toEqual(data.validation.slice(0, asked.validation));
        expect(found.evaluation).toEqual(data.evaluation.slice(0, asked.evaluation));
      }),
      { numRuns: 20 },
    );
  });

  test("differs between seeds, and between parts", () => {
    expect(startAt(6, 3, 0).values).not.toEqual(startAt(5, 3, 0).values);
    const walks = (part: "demonstrations" | "validation" | "evaluation") =>
      data[part].slice(0, 30).map(({ completion }) => completion);
    expect(walks("validation")).not.toEqual(walks("evaluation"));
    expect(walks("demonstrations")).not.toEqual(walks("evaluation"));
  });

  test("evaluates every start equally often, each prompt an object of its own", () => {
    const counts = Array.from({ length: 24 }, () => 0);
    for (const { prompt } of data.evaluation) counts[prompt.start] = item(counts, prompt.start) + 1;
    expect(new Set(counts)).toEqual(new Set([3]));
    expect(new Set(data.prompts).size).toBe(60);
  });

  test("writes the start of a prompt first or last", () => {
    const size = { ...none, pairs: 2 };
    const tokens = (promptOrder: "start first" | "start last") =>
      ring({ promptOrder })
        .data(1, size)
        .prompts.map((prompt) => prompt.tokens);
    expect(tokens("start last")).toEqual(tokens("start first").map((two) => [...two].reverse()));
  });

  test.each([1, 6, 7, 23])("keeps %i starts out of training and judges on them alone", (heldOut) => {
    const size = 24 * heldOut;
    const sizes = { demonstrations: size, pairs: size, validation: size, evaluation: size };
    const split = ring({ horizon: 2, heldOut }).data(5, sizes);
    const startsOf = (some: readonly RingPrompt[]) => new Set(some.map(({ start }) => start));
    const judged = startsOf(split.evaluation.map(({ prompt }) => prompt));
    expect(judged.size).toBe(heldOut);
    expect(startsOf(split.validation.map(({ prompt }) => prompt))).toEqual(judged);
    for (const trained of [split.prompts, split.demonstrations.map(({ prompt }) => prompt)]) {
      const trainedStarts = startsOf(trained);
      expect(trainedStarts.size).toBe(24 - heldOut);
      expect([...trainedStarts].filter((start) => judged.has(start))).toEqual([]);
    }
  });

  test("has the best of three walks as references of evaluation", () => {
    const stream = randomStream(5, "ring", "evaluation", "walks");
    for (const { prompt, completion } of data.evaluation) {
      const drafts = [1, 2, 3].map(() => task.demonstrators.human(prompt, stream));
      const best = Math.max(...drafts.map((draft) => task.score(prompt, draft)));
      expect(task.score(prompt, completion)).toBe(best);
      expect(drafts).toContainEqual(completion);
    }
  });
});

describe("preferences", () => {
  test("follow Bradley and Terry's model at temperature tau", () => {
    const prompt = startAt(1, 1, 0);
    for (const tau of [1, 0.3]) {
      const task = ring({ horizon: 1, tau });
      const [walk, cut] = [[LEFT, EOS], [LEFT]] as const;
      const gap = task.score(prompt, walk) - task.score(prompt, cut);
      const stream = randomStream(1, "test", tau);
      const wins = Array.from({ length: 4000 }, () => Number(task.prefer(prompt, walk, cut, stream)));
      expect(Math.abs(mean(wins) - 1 / (1 + Math.exp(-gap / tau)))).toBeLessThan(0.03);
    }
  });
});

describe("invalid options and sizes", () => {
  test("are named", () => {
    expect(() => ring({ horizon: 0 })).toThrow(
      `The ring's option "horizon" must be a whole number from 1 to 100, not 0.`,
    );
    expect(() => ring({ positions: 2 })).toThrow(/"positions" must be a whole number from 3 to 1000/);
    expect(() => ring({ tau: 0 })).toThrow(/"tau" must be a number above 0/);
    expect(() => ring({ misjudgement: -1 })).toThrow(/"misjudgement" must be a number from 0, not -1/);
    expect(() => ring({ notation: "words" as "steps" })).toThrow(
      `The ring's option "notation" must be "steps" or "positions", not words.`,
    );
    expect(() => ring({ steps: 3 } as object)).toThrow('The ring has no option "steps".');
    expect(() => ring().data(1, { ...none, evaluation: 25 })).toThrow(
      "the number of evaluation prompts must be a multiple of the 24 starts, not 25.",
    );
    expect(() => ring().data(1, { ...none, pairs: -1 })).toThrow(
      "number of pairs must be a whole number from 0",
    );
  });
});
