import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ring } from "../../src/tasks/ring.ts";
import { randomStream } from "../../src/tensors/random.ts";

const [EOS, WALK, LEFT, STAY, RIGHT] = [1, 2, 3, 4, 5];
const none = { demonstrations: 0, pairs: 0, validation: 0, evaluation: 0 };
const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const horizons = fc.integer({ min: 1, max: 12 });
const starts = (seed: number, horizon: number, size = 24) =>
  ring({ horizon }).data(seed, { ...none, pairs: size }).prompts;

describe("the ring", () => {
  it("has a token for each position and three steps; a completion is H steps and eos", () => {
    const task = ring({ horizon: 4 });
    expect(task.vocabulary).toEqual({ size: 30, pad: 0, eos: 1 });
    expect([task.promptLength, task.completionLength]).toEqual([2, 5]);
    const [first, second] = starts(1, 4);
    expect([first!.tokens, second!.tokens]).toEqual([
      [6, WALK],
      [7, WALK],
    ]);
    expect(task.text([...second!.tokens, LEFT, STAY, RIGHT, EOS, 0])).toBe("@1 walk: left stay right");
    expect(ring({ positions: 5 }).vocabulary.size).toBe(11);
  });

  it("has values from N(0, 1), the same for each horizon and others for another seed", () => {
    const values = Array.from({ length: 100 }, (_, seed) => starts(seed, 1, 1)[0]!.values);
    expect(starts(7, 9, 1)[0]!.values).toEqual(values[7]);
    const all = values.flat();
    expect(all.length).toBe(2400);
    expect(Math.abs(mean(all))).toBeLessThan(0.08);
    expect(Math.abs(mean(all.map((value) => value ** 2)) - 1)).toBeLessThan(0.1);
  });

  const prompt = starts(3, 3)[23]!;
  const at = (position: number) => prompt.values[position]!;
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
  it.each(cases)("rewards %s", (_, completion, reward) => {
    const task = ring({ horizon: 3 });
    expect(task.score(prompt, completion)).toBe(reward);
    expect(task.isMalformed(prompt, completion)).toBe(reward === -2);
  });
});

describe("walks written by positions", () => {
  const FIRST_POSITION = 6;
  const task = ring({ horizon: 3, notation: "positions" });
  const prompt = starts(3, 3)[23]!;
  const at = (...positions: number[]) => [...positions.map((one) => FIRST_POSITION + one), EOS];

  it("are the same walks with the same rewards, the last word being where they end", () => {
    fc.assert(
      fc.property(fc.nat(1000), horizons, (seed, horizon) => {
        const demonstrations = (notation: "steps" | "positions") =>
          ring({ horizon, notation })
            .data(seed, { ...none, demonstrations: 30 })
            .demonstrations.map(({ prompt, completion }) => ({ prompt, completion }));
        const [steps, positions] = [demonstrations("steps"), demonstrations("positions")];
        const own = ring({ horizon, notation: "positions" });
        for (const [index, { prompt, completion }] of positions.entries()) {
          const end = completion.at(-2)! - FIRST_POSITION;
          expect(own.score(prompt, completion)).toBe(prompt.values[end]);
          expect(ring({ horizon }).score(prompt, steps[index]!.completion)).toBe(prompt.values[end]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("may stay, or go on to a neighbour around the end", () => {
    expect(task.score(prompt, at(0, 23, 23))).toBe(prompt.values[23]);
    expect(task.score(prompt, at(22, 21, 20))).toBe(prompt.values[20]);
    expect(task.isMalformed(prompt, at(0, 1, 1))).toBe(false);
  });

  it.each([
    ["a leap", at(1, 1, 1)],
    ["a later leap", at(23, 23, 3)],
    ["a step in place of a position", [LEFT, STAY, RIGHT, EOS]],
    ["an early eos", at(0, 0)],
    ["a late eos", at(0, 0, 0, 0)],
  ])("are none with %s", (_, completion) => {
    expect(task.score(prompt, completion)).toBe(-2);
    expect(task.isMalformed(prompt, completion)).toBe(true);
  });
});

describe("the optimum", () => {
  it("is what all walks reach at best, also where the ring is short", () => {
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
            expect(task.optimum!(prompt)).toBe(best);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it("is the reward of an invalid walk where every position in reach is worse", () => {
    const [prompt] = starts(1, 1);
    const poor = { ...prompt!, values: prompt!.values.map(() => -3) };
    expect(ring({ horizon: 1 }).optimum!(poor)).toBe(-2);
  });

  it("is exceeded neither by any tokens nor by any writer", () => {
    const tokens = fc.array(fc.oneof(fc.integer({ min: LEFT, max: RIGHT }), fc.nat(29)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.nat(1000), horizons, fc.nat(23), tokens, (seed, horizon, start, written) => {
        const task = ring({ horizon });
        const prompt = starts(seed, horizon)[start]!;
        const stream = randomStream(seed, "demonstrators");
        const walks = Object.values(task.demonstrators!).map((write) => write(prompt, stream));
        for (const walk of walks) expect(task.isMalformed(prompt, walk)).toBe(false);
        for (const completion of [written, [...written, EOS], ...walks]) {
          expect(task.score(prompt, completion)).toBeLessThanOrEqual(task.optimum!(prompt));
        }
      }),
    );
  });
});

describe("the walkers", () => {
  /** The expected gold reward of a human walk, by carrying the chance of each position along. */
  function expectedReward(prompt: ReturnType<typeof starts>[number], horizon: number, gamma: number): number {
    let chances = prompt.values.map((_, position) => Number(position === prompt.start));
    for (let step = 0; step < horizon; step++) {
      const next = chances.map(() => 0);
      chances.forEach((chance, position) => {
        const reach = [23, 0, 1].map((move) => (position + move) % 24);
        const total = reach.reduce((sum, to) => sum + Math.exp(gamma * prompt.seeming[to]!), 0);
        for (const to of reach) next[to]! += (chance * Math.exp(gamma * prompt.seeming[to]!)) / total;
      });
      chances = next;
    }
    return chances.reduce((sum, chance, position) => sum + chance * prompt.values[position]!, 0);
  }

  it.each([
    [1, 1],
    [4, 1],
    [4, 3],
  ])("follow what positions seem to be worth: H = %d, gamma = %d", (horizon, gamma) => {
    const task = ring({ horizon, gamma });
    const { demonstrations } = task.data(2, { ...none, demonstrations: 6000 });
    const found = demonstrations.map(({ prompt, completion }) => task.score(prompt, completion));
    const expected = demonstrations.map(({ prompt }) => expectedReward(prompt, horizon, gamma));
    expect(Math.abs(mean(found) - mean(expected))).toBeLessThan(0.05);
    const stream = randomStream(1, "indifferent");
    const idle = demonstrations.map(({ prompt }) =>
      task.score(prompt, task.demonstrators!.indifferent!(prompt, stream)),
    );
    const indifferent = demonstrations.map(({ prompt }) => expectedReward(prompt, horizon, 0));
    expect(Math.abs(mean(idle) - mean(indifferent))).toBeLessThan(0.05);
  });

  it("leave room above and below them, for every horizon", () => {
    for (const horizon of [1, 3, 9]) {
      const task = ring({ horizon });
      const prompts = Array.from({ length: 60 }, (_, seed) => starts(seed, horizon)).flat();
      const stream = randomStream(1, "room");
      const [human, careful, indifferent] = ["human", "careful", "indifferent"].map((name) =>
        mean(prompts.map((prompt) => task.score(prompt, task.demonstrators![name]!(prompt, stream)))),
      );
      expect(human! - indifferent!).toBeGreaterThan(0.25);
      expect(careful! - human!).toBeGreaterThan(0.15);
      expect(mean(prompts.map((prompt) => task.optimum!(prompt))) - careful!).toBeGreaterThan(0.05);
    }
  });

  it("judge exactly where misjudgement is 0", () => {
    const [prompt] = ring({ misjudgement: 0 }).data(1, { ...none, pairs: 1 }).prompts;
    expect(prompt!.seeming).toEqual(prompt!.values);
    expect(starts(1, 6)[0]!.seeming).not.toEqual(prompt!.values);
  });
});

describe("one seed's data", () => {
  const task = ring({ horizon: 3 });
  const sizes = { demonstrations: 100, pairs: 60, validation: 30, evaluation: 72 };
  const data = task.data(5, sizes);

  it("keeps the first items of each part when more or fewer are asked for", () => {
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

  it("is another for another seed, and its parts are written independently", () => {
    expect(task.data(6, sizes).prompts[0]!.values).not.toEqual(data.prompts[0]!.values);
    const walks = (part: "demonstrations" | "validation" | "evaluation") =>
      data[part].slice(0, 30).map(({ completion }) => completion);
    expect(walks("validation")).not.toEqual(walks("evaluation"));
    expect(walks("demonstrations")).not.toEqual(walks("evaluation"));
  });

  it("evaluates every start equally often, each prompt an object of its own", () => {
    const counts = Array.from({ length: 24 }, () => 0);
    for (const { prompt } of data.evaluation) counts[prompt.start]!++;
    expect(new Set(counts)).toEqual(new Set([3]));
    expect(new Set(data.prompts).size).toBe(60);
  });

  it("refers evaluation to the best of three walks", () => {
    const stream = randomStream(5, "ring", "evaluation", "walks");
    for (const { prompt, completion } of data.evaluation) {
      const drafts = [1, 2, 3].map(() => task.demonstrators!.human!(prompt, stream));
      const best = Math.max(...drafts.map((draft) => task.score(prompt, draft)));
      expect(task.score(prompt, completion)).toBe(best);
      expect(drafts).toContainEqual(completion);
    }
  });
});

describe("preferences", () => {
  it("follow Bradley and Terry's model at temperature tau", () => {
    const [prompt] = starts(1, 1);
    for (const tau of [1, 0.3]) {
      const task = ring({ horizon: 1, tau });
      const [a, b] = [[LEFT, EOS], [LEFT]];
      const gap = task.score(prompt!, a!) - task.score(prompt!, b!);
      const stream = randomStream(1, "test", tau);
      const wins = Array.from({ length: 4000 }, () => Number(task.prefer!(prompt!, a!, b!, stream)));
      expect(Math.abs(mean(wins) - 1 / (1 + Math.exp(-gap / tau)))).toBeLessThan(0.03);
    }
  });
});

describe("bad options", () => {
  it("are named", () => {
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
      "the number of evaluation prompts must be a multiple of its 24 positions, not 25.",
    );
    expect(() => ring().data(1, { ...none, pairs: -1 })).toThrow(
      "number of pairs must be a whole number from 0",
    );
  });
});
