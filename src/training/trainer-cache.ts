import type { CompletionGroup, PaddedShape } from "../models/batch.ts";
import type { MemorySavings } from "../models/decoder.ts";
import type { Model } from "../models/gpt-neox.ts";
import type { AdamWOptions } from "./optimizer.ts";
import { type Objective, openTrainer, type Trainer } from "./trainer.ts";

/** Where a training function takes its compiled step from. */
export interface TrainerSource {
  /** Compiles a step, or gives one that was compiled earlier. If `check`, frozen values are looked for; see `compile`. */
  open<E, B extends object, D extends object>(
    model: Model,
    objective: Objective<E, B, D>,
    adamW: AdamWOptions,
    compiled: boolean,
    check: boolean,
    savings?: MemorySavings,
  ): Trainer<B>;
  /** Called when a training function has ended with a trainer that `open` gave. */
  release(trainer: Trainer<never>): void;
  /** The shape that batches are padded to; default the smallest that holds all groups. */
  shapeFor?(groups: readonly CompletionGroup[]): PaddedShape;
}

/** Keeps compiled steps of training functions that are called one after another. */
export interface TrainerCache extends TrainerSource {
  /** Frees the steps that are not in use. */
  dispose(): void;
}

/** A trainer is kept if its model has at most this many weights: it holds them and AdamW's moments on the device. */
const LARGEST_KEPT = 2 ** 22;

/** A cache of at most `capacity` trainers, the latest used. Calls with equal settings that overlap get one each. */
export function trainerCache(capacity = 8): TrainerCache {
  const free = new Map<Trainer<object>, string>();
  const inUse = new Map<Trainer<object>, string>();
  const evict = (most: number) => {
    for (const trainer of [...free.keys()].slice(0, Math.max(0, free.size - most))) {
      free.delete(trainer);
      trainer.dispose();
    }
  };
  return {
    open(model, objective, { betas, eps, weightDecay, maxGradNorm }, compiled, check, savings) {
      const adamW = { betas, eps, weightDecay, maxGradNorm };
      const settings = [model.config, model.head, objective.identity, adamW, compiled, check, savings];
      const isKept = objective.holdsTensors !== true && model.weights.length <= LARGEST_KEPT;
      const key = isKept ? JSON.stringify(settings, functionsByIdentity) : "";
      const [kept] = [...free].find(([, other]) => isKept && other === key) ?? [];
      const trainer = kept ?? openTrainer(model, objective, adamW, compiled, check, savings);
      free.delete(trainer);
      inUse.set(trainer, key);
      return trainer as Trainer<never>;
    },
    release(trainer) {
      const key = inUse.get(trainer);
      inUse.delete(trainer);
      if (key === undefined || key === "") trainer.dispose();
      else free.set(trainer, key);
      evict(capacity);
    },
    dispose: () => evict(0),
  };
}

const functionIds = new WeakMap<object, number>();
let functions = 0;

/** Functions of equal source text can differ in what they close over, so each counts as another one. */
function functionsByIdentity(_: string, value: unknown): unknown {
  if (typeof value !== "function") return value;
  const id = functionIds.get(value) ?? functions++;
  functionIds.set(value, id);
  return `function ${id}`;
}
