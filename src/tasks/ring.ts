import { categorical, normal, type RandomStream, randomStream } from "../tensors/random.ts";
import {
  anyNumber,
  checkOptions,
  checkSizes,
  integerBetween,
  nonNegative,
  oneOf,
  positive,
} from "./options.ts";
import { bestDraft, prefersFirst } from "./simulated-humans.ts";
import type { DataSizes, Prompt, Sample, Task, TaskData } from "./task.ts";

/** The ring's options. */
export interface RingOptions {
  /** H, the number of steps of a walk. */
  readonly horizon: number;
  /** Number of positions of the ring. */
  readonly positions: number;
  /** Temperature of the annotators' Bradley-Terry choices, in units of the gold reward. */
  readonly tau: number;
  /** How strongly the human walker prefers positions of high perceived value: 0 is indifference. */
  readonly gamma: number;
  /** Standard deviation of the error in the perceived values. */
  readonly misjudgement: number;
  /** Number of human walks of which the best becomes the reference of a held-out prompt. */
  readonly referenceSamples: number;
  /**
   * How a walk is written: as steps, so that its last position is their sum around the ring, or as the positions that
   * the steps lead to, so that its last position is its last word.
   */
  readonly notation: "steps" | "positions";
  /**
   * How many starts, evenly spaced, `demonstrations` and `prompts` lack; `validation` and `evaluation` have only these. 0:
   * all four have every start.
   */
  readonly heldOut: number;
  /**
   * Whether a prompt is the start and `walk:`, or `walk:` and the start. In the latter a walk's first step follows its
   * position as all others do, so that what is learned of a position on the way serves it as a start.
   */
  readonly promptOrder: "start first" | "start last";
}

const defaults: RingOptions = {
  horizon: 6,
  positions: 24,
  tau: 1,
  gamma: 1,
  misjudgement: 1,
  referenceSamples: 3,
  notation: "steps",
  heldOut: 0,
  promptOrder: "start first",
};

/** A start on one seed's ring: `tokens` are the position and `walk:`. */
export interface RingPrompt extends Prompt {
  readonly start: number;
  /** The value of each position. A policy never sees it. */
  readonly values: readonly number[];
  /** The value of each position as the human walker perceives it. */
  readonly perceived: readonly number[];
}

/** The gold reward of a completion that is not a walk of H steps. */
const INVALID_WALK_REWARD = -2;

const [PAD, EOS, WALK, LEFT] = [0, 1, 2, 3];
const STEP_WORDS = ["left", "stay", "right"];
const STEPS = [-1, 0, 1];
const FIRST_POSITION = LEFT + STEPS.length;

/**
 * The ring: positions in a circle, each with a value from N(0, 1) that is drawn once per seed. A prompt is a start. A
 * completion is a walk: H steps (left, stay, right) and `eos`. Its gold reward is the value of the walk's last
 * position, or -2 if it is anything but H steps and `eos`. With `notation: "positions"` each step is written as the
 * position that it leads to. A seed has the same ring for every H.
 *
 * The human walker draws each step with a probability proportional to exp(gamma × the perceived value of the position
 * that it leads to). The perceived value is the value plus an error from N(0, misjudgement²), one per position and
 * seed, so that the most likely walks are good but not the best, also for H = 1.
 *
 * There are only as many prompts as positions: the parts of the data repeat theirs in the order of the ring. `evaluation`
 * has each of its starts equally often: its size must be a multiple of their number. Within one seed the first n items of
 * each part are the same for every size of that part and of the others.
 *
 * @throws if an option or a size is invalid
 */
export function ring(options: Partial<RingOptions> = {}) {
  const settings: RingOptions = { ...defaults, ...options };
  check(settings);
  const { horizon, positions, tau, gamma, misjudgement, referenceSamples, notation, heldOut, promptOrder } =
    settings;
  const words = [
    "<pad>",
    "</s>",
    "walk:",
    ...STEP_WORDS,
    ...Array.from({ length: positions }, (_, position) => `@${position}`),
  ];

  const everyStart = Array.from({ length: positions }, (_, start) => start);
  const isStartLast = promptOrder === "start last";
  const isHeldOut = (start: number) => (start * heldOut) % positions < heldOut;
  const trainedStarts = heldOut === 0 ? everyStart : everyStart.filter((start) => !isHeldOut(start));
  const judgedStarts = heldOut === 0 ? everyStart : everyStart.filter(isHeldOut);

  /** The last position of a walk, or undefined if the completion is not a walk of H steps. */
  function destination(prompt: RingPrompt, completion: readonly number[]): number | undefined {
    if (completion.indexOf(EOS) !== horizon) return undefined;
    let position = prompt.start;
    for (const token of completion.slice(0, horizon)) {
      const step = STEPS.find((candidate) => tokenOf(position, candidate) === token);
      if (step === undefined) return undefined;
      position = wrap(position + step, positions);
    }
    return position;
  }

  /** The token of a step (-1, 0 or 1) from `position`. */
  function tokenOf(position: number, step: number): number {
    return notation === "steps" ? LEFT + 1 + step : FIRST_POSITION + wrap(position + step, positions);
  }

  function score(prompt: RingPrompt, completion: readonly number[]): number {
    const position = destination(prompt, completion);
    return position === undefined ? INVALID_WALK_REWARD : at(prompt.values, position);
  }

  function walk({ start, perceived }: RingPrompt, preference: number, stream: RandomStream): number[] {
    const completion: number[] = [];
    let position = start;
    while (completion.length < horizon) {
      const logits = STEPS.map((step) => preference * at(perceived, position + step));
      const step = categorical(stream, logits) - 1;
      completion.push(tokenOf(position, step));
      position = wrap(position + step, positions);
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
      checkEvaluation(sizes.evaluation, judgedStarts.length);
      const stream = randomStream(seed, "ring", "values");
      const values = Array.from({ length: positions }, () => normal(stream));
      const perceived = values.map((value) => value + misjudgement * normal(stream));
      const prompts = (part: keyof DataSizes): RingPrompt[] => {
        const starts = part === "validation" || part === "evaluation" ? judgedStarts : trainedStarts;
        return Array.from({ length: sizes[part] }, (_, index) => {
          const start = at(starts, index);
          const position = FIRST_POSITION + start;
          return { tokens: isStartLast ? [WALK, position] : [position, WALK], start, values, perceived };
        });
      };
      const samples = (part: keyof DataSizes, write: typeof demonstrators.human): Sample<RingPrompt>[] => {
        const walks = randomStream(seed, "ring", part, "walks");
        return prompts(part).map((prompt) => ({ prompt, completion: write(prompt, walks) }));
      };
      return {
        demonstrations: samples("demonstrations", demonstrators.human),
        prompts: prompts("pairs"),
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

    /** The best position within H steps: as a step may stay, all positions up to H away are in reach. */
    optimum({ start, values }): number {
      const reached = Array.from({ length: 2 * horizon + 1 }, (_, step) =>
        at(values, start + step - horizon),
      );
      return Math.max(INVALID_WALK_REWARD, ...reached);
    },

    text(tokens): string {
      return tokens
        .filter((token) => token !== PAD && token !== EOS)
        .map((token) => words[token] ?? `<${token}?>`)
        .join(" ");
    },
  } satisfies Task<RingPrompt>;
}

/** A position, from 0 to `positions` - 1, of a count around the ring that may be negative. */
function wrap(count: number, positions: number): number {
  return ((count % positions) + positions) % positions;
}

/** The item at a position of a circle, which may count beyond either end. */
function at(circle: readonly number[], position: number): number {
  const item = circle[wrap(position, circle.length)];
  if (item === undefined)
    throw new Error(`A ring of ${circle.length} positions has no position ${position}.`);
  return item;
}

function check(settings: RingOptions): void {
  checkOptions("The ring", settings, {
    horizon: integerBetween(1, 100),
    positions: integerBetween(3, 1000),
    tau: positive,
    gamma: anyNumber,
    misjudgement: nonNegative,
    referenceSamples: integerBetween(1, 1000),
    notation: oneOf("steps", "positions"),
    heldOut: integerBetween(0, settings.positions - 1),
    promptOrder: oneOf("start first", "start last"),
  });
}

function checkEvaluation(size: number, starts: number): void {
  if (size % starts === 0) return;
  throw new Error(
    `The ring evaluates each of its starts equally often: the number of evaluation prompts must be a multiple of ` +
      `the ${starts} starts, not ${size}.`,
  );
}
