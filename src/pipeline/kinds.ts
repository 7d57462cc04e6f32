import { evaluation } from "./evaluation.ts";
import { offlinePairs } from "./offline-pairs.ts";
import { onlinePairs } from "./online-pairs.ts";
import { preference } from "./preference.ts";
import { relabelledPairs } from "./relabelled-pairs.ts";
import { reward } from "./reward-model.ts";
import { sft } from "./sft.ts";
import type { Stage } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";
import { verification } from "./verification.ts";

/** Every kind of stage: a new one is a file in this folder and a row here. */
const kinds = [
  sft,
  offlinePairs,
  relabelledPairs,
  onlinePairs,
  reward,
  preference,
  evaluation,
  verification,
] as readonly { readonly kind: string }[];

/** The kind of a stage. Throws if there is none of that name. */
export function kindOf<S extends Stage>(stage: S): StageKind<S> {
  const found = kinds.find(({ kind }) => kind === stage.kind);
  if (found !== undefined) return found as StageKind<S>;
  throw new Error(
    `There is no kind of stage "${stage.kind}"; there are ${kinds.map(({ kind }) => kind).join(", ")}.`,
  );
}
