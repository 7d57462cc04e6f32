import { type CompletionGroup, type PaddedShape, paddedShape } from "../models/batch.ts";
import { openTrainer, type Trainer } from "./trainer.ts";
import type { TrainerSource } from "./trainer-cache.ts";
import { identityText } from "./training-state.ts";

/**
 * One training step shared by several calls of a training function, such as rounds of online training, so that it is
 * compiled once. Passed as the hook `trainer`; the caller disposes it.
 */
export interface SharedTrainer extends TrainerSource {
  /** The shape that all batches are padded to. Throws if `groups` do not fit it. */
  shapeFor(groups: readonly CompletionGroup[]): PaddedShape;
  /** The number of graphs compiled so far. */
  readonly graphs: number;
  dispose(): void;
}

/** A `SharedTrainer` whose batches are all padded to `shape`. */
export function sharedTrainer(shape: PaddedShape): SharedTrainer {
  let opened: { settings: string; trainer: Trainer<object> } | undefined;
  return {
    shapeFor: (groups) => {
      const needed = paddedShape(groups);
      const padded = needed.padded || needed.prompt < shape.prompt;
      const fits = needed.prompt <= shape.prompt && needed.completion <= shape.completion;
      if (fits && (shape.padded || !padded)) return shape;
      throw new Error(
        `The shared trainer's shape is ${JSON.stringify(shape)}, but these examples need ` +
          `${JSON.stringify({ ...needed, padded })}: open it with a shape that holds all rounds.`,
      );
    },
    /** Opens a trainer at the first call and gives the same one at later ones. Throws if their settings differ. */
    open: (model, objective, { betas, eps, weightDecay, maxGradNorm }, compiled, check, savings) => {
      const adamW = { betas, eps, weightDecay, maxGradNorm };
      const settings = identityText([model.config, model.head, objective.identity, adamW, compiled, savings]);
      opened ??= { settings, trainer: openTrainer(model, objective, adamW, compiled, check, savings) };
      if (opened.settings === settings) return opened.trainer;
      throw new Error(
        "The shared trainer was opened for another model shape, loss or optimizer: open one for each of them.",
      );
    },
    release: () => {},
    get graphs() {
      return opened?.trainer.graphs ?? 0;
    },
    dispose: () => {
      opened?.trainer.dispose();
      opened = undefined;
    },
  };
}
