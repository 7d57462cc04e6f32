import { categorical, normal, type RandomStream, randomStream } from "../tensors/random.ts";
import { prefersFirst } from "./annotator.ts";
import { bestDraft } from "./best-draft.ts";
import { anyNumber, checkOptions, oneOf, positive, wholeFrom } from "./options.ts";
import { checkSizes } from "./sizes.ts";
import type { DataSizes, Prompt, Sample, Task, TaskData } from "./task.ts";

export interface RingOptions {
  /** H, the steps of a walk. */
  readonly horizon: number;
  /** The positions of the ring. */
  readonly positions: number;
  /** The temperature of the annotators' Bradley-Terry choices, in units of the gold reward. */
  readonly tau: number;
  /** How strongly the human walker favours what seems to be the better position: 0 is indifference. */
  readonly gamma: number;
  /** The standard deviation of the error in what each position's value seems to be. */
  readonly misjudgement: number;
  /** How many human walks the reference of a held-out prompt is the best of. */
  readonly referenceSamples: number;
  /**
   * How a walk is written: by its steps, so that where it ends is their sum around the ring, or by the positions that
   * they lead to, so that where it ends is its last word.
   */
  readonly notation: "steps" | "positions";
}

export const ringDefaults: RingOptions = {
  horizon: 6,
  positions: 24,
  tau: 1,
  gamma: 1,
  misjudgement: 1,
  referenceSamples: 3,
  notation: "steps",
};

/** A start on one seed's ring: `tokens` are the position, then `walk:`. */
export interface RingPrompt extends Prompt {
  readonly start: number;
  /** The value of each position, which a policy never sees. */
  readonly values: readonly number[];
  /** What the value of each position seems to be to the human walker. */
  readonly seeming: readonly number[];
}

/** The gold reward of a completion that is no walk of H steps. */
export const invalidWalk = -2;

const [PAD, EOS, WALK, LEFT] = [0, 1, 2, 3];
const STEPS = ["left", "stay", "right"];
const MOVES = [-1, 0, 1];
const FIRST_POSITION = LEFT + STEPS.length;

/**
 * The ring: positions in a circle, each with a value from N(0, 1) that is drawn once per seed. A prompt is a
 * start, a completion is H steps (left, stay, right) and `eos`, and its gold reward is the value of the walk's
 * last position, or -2 where it is anything but H steps and `eos`. With `notation: "positions"` each step is written
 * as the position that it leads to. The horizon changes how far a walk may lead,
 * but not the values: a seed has the same ring for every H.
 *
 * The human walker draws each step with a chance proportional to exp(gamma × what the value of the position that
 * it leads to seems to be). That is the value plus an error from N(0, misjudgement²), one per position and seed,
 * so that the most likely walks are good but not the best, for H = 1 too.
 *
 * There are only as many prompts as positions, so that all four parts of the data repeat the same prompts, each
 * part in the order of the ring. `evaluation` has every start equally often: its size must be a multiple of
 * `positions`. Within one seed the first n items of each part are the same however many are asked for, and asking
 * for more of one part changes no other. Throws one sentence naming the option or size at fault.
 */
export function ring(options: Partial<RingOptions> = {}): Task<RingPrompt> {
  const settings: RingOptions = { ...ringDefaults, ...options };
  check(settings);
  const { horizon, positions, tau, gamma, misjudgement, referenceSamples, notation } = settings;
  const bySteps = notation === "steps";
  const words = [
    "<pad>",
    "</s>",
    "walk:",
    ...STEPS,
    ...Array.from({ length: positions }, (_, position) => `@${position}`),
  ];

  /** Where a completion leads, or undefined where it is no walk of H steps. */
  function destination(prompt: RingPrompt, completion: readonly number[]): number | undefined {
    if (completion.indexOf(EOS) !== horizon) return undefined;
    let position = prompt.start;
    for (const token of completion.slice(0, horizon)) {
      const step = stepOf(position, token);
      if (step === undefined) return undefined;
      position = around(position + step, positions);
    }
    return position;
  }

  /** The step from `position` that a token stands for, -1, 0 or 1, or undefined where it stands for none. */
  function stepOf(position: number, token: number): number | undefined {
    return MOVES.find((step) => wordOf(position, step) === token);
  }

  /** The token of a step from `position`. */
  function wordOf(position: number, step: number): number {
    return bySteps ? LEFT + 1 + step : FIRST_POSITION + around(position + step, positions);
  }

  function score(prompt: RingPrompt, completion: readonly number[]): number {
    const position = destination(prompt, completion);
    return position === undefined ? invalidWalk : prompt.values[position]!;
  }

  function walk({ start, seeming }: RingPrompt, preference: number, stream: RandomStream): number[] {
    const completion: number[] = [];
    let position = start;
    while (completion.length < horizon) {
      const logits = MOVES.map((step) => preference * seeming[around(position + step, positions)]!);
      const step = MOVES[categorical(stream, logits)]!;
      completion.push(wordOf(position, step));
      position = around(position + step, positions);
    }
    return [...completion, EOS];
  }

  const demonstrators = {
    /** Writes the demonstrations. */
    human: (prompt: RingPrompt, stream: RandomStream) => walk(prompt, gamma, stream),
    /** Writes the references of validation and evaluation: the best of several human walks. */
    careful: (prompt: RingPrompt, stream: RandomStream) =>
      bestDraft(
        referenceSamples,
        () => demonstrators.human(prompt, stream),
        (draft) => score(prompt, draft),
      ),
    /** Draws each step uniformly. */
    indifferent: (prompt: RingPrompt, stream: RandomStream) => walk(prompt, 0, stream),
  };

  return {
    name: "ring",
    vocabulary: { size: words.length, pad: PAD, eos: EOS },
    promptLength: 2,
    completionLength: horizon + 1,

    data(seed: number, sizes: DataSizes): TaskData<RingPrompt> {
      checkSizes(sizes);
      checkEvaluation(sizes.evaluation, positions);
      const stream = randomStream(seed, "ring", "values");
      const values = Array.from({ length: positions }, () => normal(stream));
      const seeming = values.map((value) => value + misjudgement * normal(stream));
      const prompts = (size: number): RingPrompt[] =>
        Array.from({ length: size }, (_, index) => {
          const start = index % positions;
          return { tokens: [FIRST_POSITION + start, WALK], start, values, seeming };
        });
      const samples = (part: keyof DataSizes, write: typeof demonstrators.human): Sample<RingPrompt>[] => {
        const walks = randomStream(seed, "ring", part, "walks");
        return prompts(sizes[part]).map((prompt) => ({ prompt, completion: write(prompt, walks) }));
      };
      return {
        demonstrations: samples("demonstrations", demonstrators.human),
        prompts: prompts(sizes.pairs),
        validation: samples("validation", demonstrators.careful),
        evaluation: samples("evaluation", demonstrators.careful),
      };
    },

    score,

    isMalformed: (prompt, completion): boolean => destination(prompt, completion) === undefined,

    prefer(prompt, a, b, stream): boolean {
      return prefersFirst(score(prompt, a), score(prompt, b), tau, stream);
    },

    demonstrators,

    /** The best position that H steps reach: as a step may stay, each one up to H positions away. */
    optimum({ start, values }): number {
      const reached = Array.from(
        { length: 2 * horizon + 1 },
        (_, step) => values[around(start + step - horizon, positions)]!,
      );
      return Math.max(invalidWalk, ...reached);
    },

    text(tokens): string {
      return tokens
        .filter((token) => token !== PAD && token !== EOS)
        .map((token) => words[token] ?? `<${token}?>`)
        .join(" ");
    },
  };
}

/** The position of the ring that counting to `position`, which may be negative, ends at. */
function around(position: number, positions: number): number {
  return ((position % positions) + positions) % positions;
}

function check(settings: RingOptions): void {
  checkOptions("The ring", settings, {
    horizon: wholeFrom(1, 100),
    positions: wholeFrom(3, 1000),
    tau: positive,
    gamma: anyNumber,
    misjudgement: [(value) => Number.isFinite(value) && Number(value) >= 0, "a number from 0"],
    referenceSamples: wholeFrom(1, 1000),
    notation: oneOf("steps", "positions"),
  });
}

function checkEvaluation(size: number, positions: number): void {
  if (size % positions === 0) return;
  throw new Error(
    `The ring evaluates every start equally often: the number of evaluation prompts must be a multiple of ` +
      `its ${positions} positions, not ${size}.`,
  );
}
