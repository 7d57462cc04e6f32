import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  diagnose,
  type KeyEnvOptions,
  type KeyEnvPrompt,
  keyEnv,
  keyEnvOptimum,
  keyEnvPrompt,
} from "../../../src/tasks/key-env/task.ts";
import { connectorToken, EOS, isImportant, PAD, TLDR, valueToken } from "../../../src/tasks/key-env/words.ts";
import type { DataSizes } from "../../../src/tasks/task.ts";
import { randomStream } from "../../../src/tensors/random.ts";
import { rougeL } from "../../../src/text/rouge.ts";

/* What KeyEnv's options change beyond its defaults: lengths, writers, orders of facts, the ROUGE-L reward. */

const slots = Array.from({ length: 10 }, (_, slot) => slot);
const none = { demonstrations: 0, pairs: 0, validation: 0, evaluation: 0 };
const lengths = [1, 2, 3, 5, 7];
const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const posts = (options: Partial<KeyEnvOptions>, seed: number, pairs: number) =>
  keyEnv(options).data(seed, { ...none, pairs }).prompts;
const values = fc
  .array(fc.nat(9), { minLength: 10, maxLength: 10 })
  .map((indices) => indices.map((index, slot) => valueToken(slot, index)));
const anyTokens = fc.array(fc.oneof(fc.nat(12), fc.nat(112)), { maxLength: 15 });
const factsOf = ({ values }: KeyEnvPrompt) => values.join();
const connectors = ({ tokens }: KeyEnvPrompt) => tokens.filter((_, at) => at % 2 === 0).slice(0, 10);

describe("the demonstrators", () => {
  it.each(lengths)("write flawless summaries of up to %d clauses that fit", (clauses) => {
    const task = keyEnv({ clauses });
    const stream = randomStream(1, "demonstrators");
    const counts = new Set<number>();
    for (const prompt of posts({ clauses }, 4, 300)) {
      for (const write of Object.values(task.demonstrators!)) {
        const completion = write(prompt, stream);
        expect(completion.length).toBeLessThanOrEqual(task.completionLength);
        expect(task.isMalformed(prompt, completion)).toBe(false);
        counts.add(diagnose(prompt, completion).clauses);
      }
    }
    expect(Math.max(...counts)).toBe(clauses);
    expect(Math.min(...counts)).toBe(Math.min(2, clauses));
  });

  it("are the data's: the human demonstrates, the careful writer is the reference", () => {
    const task = keyEnv({ clauses: 3 });
    const data = task.data(6, { demonstrations: 20, pairs: 0, validation: 20, evaluation: 20 });
    const { human, careful } = task.demonstrators!;
    for (const [part, write] of [
      ["demonstrations", human!],
      ["validation", careful!],
      ["evaluation", careful!],
    ] as const) {
      const stream = randomStream(6, "key-env", part, "summaries");
      for (const { prompt, completion } of data[part]) expect(write(prompt, stream)).toEqual(completion);
    }
  });

  it("are ordered by their care, and indifference is a gamma of 0", () => {
    const task = keyEnv();
    const prompts = posts({}, 3, 3000);
    const rewards = (name: string, of = task) => {
      const stream = randomStream(1, "gold");
      return mean(prompts.map((prompt) => of.score(prompt, of.demonstrators![name]!(prompt, stream))));
    };
    expect(rewards("careful")).toBeGreaterThan(rewards("human") + 0.5);
    expect(rewards("human")).toBeGreaterThan(rewards("indifferent") + 0.5);
    expect(rewards("indifferent")).toBe(rewards("human", keyEnv({ gamma: 0 })));
  });
});

describe("the optimum of seven clauses and fewer", () => {
  /** The best of all orders of different facts, by dynamic programming over their sets. */
  function bestOfAllOrders(prompt: KeyEnvPrompt, clauses: number, jumps: boolean): number {
    const worth = prompt.values.map((value) => (isImportant(value) ? 1 : -0.5));
    let best = clauses >= 1 ? -1 : 0;
    let ending = new Map<string, [set: number, last: number, score: number]>([["", [0, -1, 0]]]);
    for (let length = 1; length <= clauses; length++) {
      const longer: typeof ending = new Map();
      for (const [set, last, score] of ending.values()) {
        for (const slot of slots) {
          const fits = slot > last && slot <= last + 3;
          if ((set & (1 << slot)) !== 0 || (!fits && !jumps)) continue;
          const extended = score + worth[slot]! - Number(!fits);
          const key = `${set | (1 << slot)} ${slot}`;
          if (extended > (longer.get(key)?.[2] ?? -Infinity)) {
            longer.set(key, [set | (1 << slot), slot, extended]);
          }
        }
      }
      for (const [, , score] of longer.values())
        best = Math.max(best, score - Number(length < 2 && clauses > 1));
      ending = longer;
    }
    return best;
  }

  it("is the best of all orders of facts, with jumps and without", () => {
    fc.assert(
      fc.property(values, fc.constantFrom(...lengths), fc.boolean(), (facts, clauses, jumps) => {
        const prompt = keyEnvPrompt(facts, slots);
        const { score, completion } = keyEnvOptimum(prompt, { clauses, jumps });
        expect(score).toBe(bestOfAllOrders(prompt, clauses, jumps));
        const task = keyEnv({ clauses });
        expect(task.score(prompt, completion)).toBe(score);
        if (jumps) expect(task.optimum!(prompt)).toBe(score);
        else expect(task.isMalformed(prompt, completion)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it("is exceeded neither by any tokens nor by any writer", () => {
    fc.assert(
      fc.property(values, fc.constantFrom(...lengths), anyTokens, (facts, clauses, written) => {
        const task = keyEnv({ clauses });
        const prompt = keyEnvPrompt(facts, slots);
        const stream = randomStream(2, "demonstrators");
        const completions = Object.values(task.demonstrators!).map((write) => write(prompt, stream));
        for (const completion of [written, ...completions]) {
          expect(task.score(prompt, completion)).toBeLessThanOrEqual(task.optimum!(prompt));
        }
      }),
    );
  });
});

describe("posts from elsewhere", () => {
  const allParts = (options: Partial<KeyEnvOptions>, seed: number, size: number) => {
    const sizes: DataSizes = { demonstrations: size, pairs: size, validation: size, evaluation: size };
    const { demonstrations, prompts, validation, evaluation } = keyEnv(options).data(seed, sizes);
    return {
      demonstrations: demonstrations.map(({ prompt }) => factsOf(prompt)),
      pairs: prompts.map(factsOf),
      validation: validation.map(({ prompt }) => factsOf(prompt)),
      evaluation: evaluation.map(({ prompt }) => factsOf(prompt)),
    };
  };

  it("never have the facts of another part's post, whatever the options and the seed", () => {
    // Few facts: of the posts without an important fact there are 5¹⁰, so that both tasks draw some alike.
    const here = Object.entries(allParts({ importance: 0 }, 1, 4000));
    const there = Object.entries(
      allParts({ importance: 0.003, clauses: 1, order: "reversed", reward: "rouge-l" }, 2, 4000),
    );
    let alike = 0;
    for (const [part, facts] of here) {
      const seen = new Set(facts);
      for (const [other, others] of there) {
        const shared = others.filter((post) => seen.has(post)).length;
        if (part === other) alike += shared;
        else expect(shared).toBe(0);
      }
    }
    expect(alike).toBeGreaterThan(0);
  });

  it("have more important facts where importance is higher", () => {
    const shifted = posts({ importance: 0.7 }, 1, 500);
    const important = shifted.flatMap(({ values }) => values.map((value) => Number(isImportant(value))));
    expect(mean(important)).toBeCloseTo(0.7, 1);
  });

  it("state the same facts in another order, with the same summaries", () => {
    const sizes = { demonstrations: 30, pairs: 30, validation: 10, evaluation: 10 };
    const [random, canonical, reversed] = (["random", "canonical", "reversed"] as const).map((order) =>
      keyEnv({ order }).data(8, sizes),
    );
    const sortByLabel = slots.map(connectorToken);
    random!.prompts.forEach((prompt, at) => {
      expect(canonical!.prompts[at]).toEqual(keyEnvPrompt(prompt.values, slots));
      expect(connectors(canonical!.prompts[at]!)).toEqual(sortByLabel);
      expect(connectors(reversed!.prompts[at]!)).toEqual(sortByLabel.toReversed());
      expect(reversed!.prompts[at]!.values).toEqual(prompt.values);
    });
    const summaries = (data: typeof random) => data!.evaluation.map(({ completion }) => completion);
    expect(summaries(reversed)).toEqual(summaries(random));
  });
});

describe("ROUGE-L against a hidden reference", () => {
  const task = keyEnv({ reward: "rouge-l" });
  const sizes = { demonstrations: 200, pairs: 500, validation: 100, evaluation: 100 };
  const data = task.data(5, sizes);
  const words = fc.array(
    fc.nat(112).filter((token) => token !== TLDR),
    { maxLength: 12 },
  );

  it("is the ROUGE-L F1 of the two texts", () => {
    const prompts = fc.constantFrom(...data.prompts);
    const mostlyRight = prompts.chain((prompt) => fc.shuffledSubarray([...prompt.reference!]));
    fc.assert(
      fc.property(prompts, fc.oneof(words, mostlyRight), (prompt, written) => {
        const end = written.indexOf(EOS);
        const text = task.text(end === -1 ? written : written.slice(0, end));
        expect(task.score(prompt, written)).toBe(rougeL(task.text(prompt.reference!), text).f1);
        expect(task.score(prompt, [PAD, ...written])).toBe(task.score(prompt, written));
      }),
      { numRuns: 300 },
    );
  });

  it("is 1 for the reference and never more, which the optimum is", () => {
    for (const prompt of data.prompts) {
      expect(task.score(prompt, prompt.reference!)).toBe(1);
      expect(task.optimum!(prompt)).toBe(1);
      expect(prompt.reference!.length).toBeLessThanOrEqual(task.completionLength);
      expect(task.isMalformed(prompt, prompt.reference!)).toBe(false);
    }
    fc.assert(
      fc.property(words, (written) => {
        expect(task.score(data.prompts[0]!, written)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("has referenceRewards that a reader of the post foretells", () => {
    const foretold = data.prompts.map((prompt) => {
      const completion: number[] = [];
      for (let position = -1; completion.length < 10 && position < 9; ) {
        const reach = [1, 2, 3].map((step) => position + step).filter((slot) => slot < 10);
        position = reach.find((slot) => isImportant(prompt.values[slot]!)) ?? reach[0]!;
        completion.push(connectorToken(position), prompt.values[position]!);
      }
      return task.score(prompt, [...completion, EOS]);
    });
    expect(mean(foretold)).toBeGreaterThan(0.97);
    expect(mean(foretold)).toBeLessThan(1);
    const stream = randomStream(1, "human");
    expect(
      mean(data.prompts.map((prompt) => task.score(prompt, task.demonstrators!.human!(prompt, stream)))),
    ).toBeLessThan(0.65);
  });

  it("changes nothing that a policy sees", () => {
    const plain = keyEnv().data(5, sizes);
    const seen = ({ tokens, values }: KeyEnvPrompt) => ({ tokens, values });
    expect(data.prompts.map(seen)).toEqual(plain.prompts);
    expect(data.demonstrations.map(({ completion }) => completion)).toEqual(
      plain.demonstrations.map(({ completion }) => completion),
    );
  });

  it("has one reference per seed and post, however many are asked for", () => {
    const fewer = task.data(5, { ...none, pairs: 7, evaluation: 3 });
    expect(fewer.prompts).toEqual(data.prompts.slice(0, 7));
    expect(fewer.evaluation).toEqual(data.evaluation.slice(0, 3));
    const other = keyEnv({ reward: "rouge-l", referenceGamma: 0 }).data(5, { ...none, pairs: 20 }).prompts;
    expect(other.map(({ reference }) => reference)).not.toEqual(
      data.prompts.slice(0, 20).map(({ reference }) => reference),
    );
  });

  it("is what annotators see, at a temperature of 0.12 unless it is given", () => {
    const prompt = data.prompts[0]!;
    const half = [...prompt.reference!.slice(0, 2), EOS];
    const gap = 1 - task.score(prompt, half);
    for (const [tau, options] of [
      [0.12, {}],
      [1, { tau: 1 }],
    ] as const) {
      const annotated = keyEnv({ reward: "rouge-l", ...options });
      const stream = randomStream(1, "preferences");
      const wins = Array.from({ length: 4000 }, () =>
        Number(annotated.prefer!(prompt, half, prompt.reference!, stream)),
      );
      expect(Math.abs(mean(wins) - 1 / (1 + Math.exp(gap / tau)))).toBeLessThan(0.02);
    }
  });

  it("names a prompt without a reference, and bad options", () => {
    expect(() => task.score(posts({}, 1, 1)[0]!, [EOS])).toThrow(
      'no reference to score against: draw it from a KeyEnv with reward "rouge-l".',
    );
    expect(() => keyEnv({ reward: "rouge" } as object)).toThrow(
      `KeyEnv's option "reward" must be "facts" or "rouge-l", not rouge.`,
    );
    expect(() => keyEnv({ order: "backwards" } as object)).toThrow(
      `KeyEnv's option "order" must be "random", "canonical" or "reversed", not backwards.`,
    );
    expect(() => keyEnv({ referenceGamma: Number.NaN })).toThrow(/"referenceGamma" must be a number/);
  });
});
